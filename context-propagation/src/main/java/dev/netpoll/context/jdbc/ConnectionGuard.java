// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptShield;
import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Guards every call that one connection makes to its database. There are four kinds of calls:
 *
 * <ul>
 *   <li>{@link #call} asks for work: refused when the context has ended, cancelled when it ends;
 *   <li>{@link #read} looks at what is there: cancelled when the context ends, and made all the same,
 *       bounded by the grace, once it has;
 *   <li>{@link #cleanUp} puts things in order (rollback, close): made whatever the context says, and
 *       bounded by the grace from the context's end on;
 *   <li>{@link #unbroken} is made to its end, however long it takes: a commit that has been sent.
 * </ul>
 *
 * The context is the calling thread's current one, not that under which the connection was got: a query
 * may have a shorter time than its transaction.
 *
 * <p>Any thread, one at a time: a cancel is for whatever the connection is doing, so what it is doing
 * must be the caller's.
 */
final class ConnectionGuard {

    private static final Logger LOG = System.getLogger(ConnectionGuard.class.getName());

    private final Connection connection;
    private final JdbcSettings settings;
    private final CancelListener listener;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private @Nullable QueryTimeouts
            timeouts; // under the lock; there once a deadline asked for them

    ConnectionGuard(Connection connection, JdbcSettings settings, CancelListener listener) {
        this.connection = connection;
        this.settings = settings;
        this.listener = listener;
    }

    JdbcSettings settings() {
        return settings;
    }

    // ---- the kinds of calls

    /** Begins a call of that kind; what comes back has to be {@linkplain GuardedCall#end ended}. */
    private GuardedCall begin(JdbcCall kind, String name, @Nullable Statement statement)
            throws SQLException {
        InterruptShield shield = enter();
        try {
            CancelContext context = CancelContext.currentOrNull();
            if (context == null) {
                return GuardedCall.free(this, name, shield);
            }
            if (kind == JdbcCall.ASKS) {
                refuseIfEnded(name, context);
            }
            boolean cancellable =
                    kind == JdbcCall.ASKS || (kind == JdbcCall.READS && !context.isCancelled());
            return cancellable
                    ? GuardedCall.cancellable(this, name, statement, shield, context)
                    : GuardedCall.patient(this, name, shield, context);
        } catch (Throwable e) {
            leave(shield);
            throw e;
        }
    }

    /**
     * Begins a call that makes the database work, with the driver's query timeout behind our own. Without a closure,
     * as what waits for its rows stands on the stack of this: the JDK brings a thread back at once or frame by frame,
     * depending on the stack's size.
     */
    GuardedCall beginExecute(Statement statement) throws SQLException {
        GuardedCall call = begin(JdbcCall.ASKS, "execute", statement);
        try {
            int seconds = settings.queryTimeout() ? QueryTimeouts.behindTheDeadline() : 0;
            if (seconds > 0) {
                if (timeouts == null) {
                    timeouts = new QueryTimeouts(connection);
                }
                call.tighten(timeouts, seconds);
            }
            return call;
        } catch (Throwable e) {
            call.end();
            throw e;
        }
    }

    <T extends @Nullable Object> T call(
            String name, @Nullable Statement statement, Operation<T, SQLException> operation)
            throws SQLException {
        return run(begin(JdbcCall.ASKS, name, statement), operation);
    }

    <T extends @Nullable Object> T execute(
            Statement statement, Operation<T, SQLException> operation) throws SQLException {
        return run(beginExecute(statement), operation);
    }

    void act(String name, @Nullable Statement statement, SqlAction action) throws SQLException {
        run(begin(JdbcCall.ASKS, name, statement), action);
    }

    <T extends @Nullable Object> T read(
            String name, @Nullable Statement statement, Operation<T, SQLException> operation)
            throws SQLException {
        return run(begin(JdbcCall.READS, name, statement), operation);
    }

    void cleanUp(String name, SqlAction action) throws SQLException {
        run(begin(JdbcCall.SETS, name, null), action);
    }

    void unbroken(SqlAction action) throws SQLException {
        InterruptShield shield = enter();
        try {
            action.run();
        } finally {
            leave(shield);
        }
    }

    private static <T extends @Nullable Object> T run(
            GuardedCall call, Operation<T, SQLException> operation) throws SQLException {
        try {
            return operation.run();
        } catch (SQLException e) {
            throw call.failed(e);
        } finally {
            call.end();
        }
    }

    private static void run(GuardedCall call, SqlAction action) throws SQLException {
        try {
            action.run();
        } catch (SQLException e) {
            throw call.failed(e);
        } finally {
            call.end();
        }
    }

    private InterruptShield enter() {
        InterruptShield shield = InterruptShield.open();
        oneAtATime.lock();
        return shield;
    }

    /** Owner, at the end of its call. */
    void leave(InterruptShield shield) {
        oneAtATime.unlock();
        shield.close();
    }

    // ---- what they ask

    /** The current context's end, or null while it has not ended or there is none. */
    @Nullable CancelCause ended() {
        CancelContext context = CancelContext.currentOrNull();
        return context == null ? null : context.cause();
    }

    static void refuseIfEnded(String name, CancelContext context) throws SQLException {
        CancelCause cause = context.cause();
        if (cause != null) {
            throw SqlCancelled.notBegun(name, cause);
        }
    }

    // ---- what a call does to the connection when its context has ended

    /** Canceller. */
    boolean sendCancel(@Nullable Statement statement) throws SQLException {
        return DatabaseCancel.send(connection, statement);
    }

    /** Patience. Closes the socket under the driver; a thread that waits for it gets an exception. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            LOG.log(Level.DEBUG, "The connection could not be aborted", e);
        }
    }

    /**
     * Owner. Pools learn from a failing call that a connection is broken, and the abort was not one: a
     * pool would hand the connection out again.
     */
    void letThePoolSeeTheLoss() {
        try {
            connection.createStatement().close();
        } catch (SQLException | RuntimeException expected) {
            LOG.log(Level.DEBUG, "The connection is lost", expected);
        }
    }

    void report(CancelReport report) {
        tell(listener, report);
    }

    static void tell(CancelListener listener, CancelReport report) {
        try {
            listener.cancelled(report);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "A cancel listener failed", e);
        }
    }
}
