// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.InterruptShield;
import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Gets a connection from a data source, waiting no longer than the context lasts. Runs on the
 * calling thread: a routing data source decides by thread-bound state, and another thread would go
 * on waiting in the pool's queue for a connection that is not wanted any more.
 *
 * <p>All pools have in common that an interrupt ends the wait, so that is what the end of the context
 * sends, fenced by an {@link InterruptScope} to the pool's call: it is not on the thread afterwards.
 * Interrupts of other contexts' scopes are held off meanwhile; a connection for detached work can be
 * had on a cancelled request's thread.
 *
 * <p>A pool may be testing or opening a connection at that moment, and an interrupt during socket I/O
 * on a virtual thread closes the socket. So the interrupt is held back until the thread is seen to wait
 * for something else, or has lost its patience. Between the look and the interrupt it may begin to use
 * a socket: but a thread that waited in a pool's queue is handed a connection that was in use just now, which
 * pools do not test.
 */
final class Acquisition {

    private static final Logger LOG = System.getLogger(Acquisition.class.getName());
    private static final String CALL = "getConnection";

    private static final Duration LOOK_AGAIN_AFTER = Duration.ofMillis(1);

    private final Thread owner = Thread.currentThread();
    private final CancelContext context;
    private final Duration patience;
    private volatile @Nullable Deadline endedAt; // written by the thread that ends the context
    private volatile boolean over; // written by the owner

    private Acquisition(CancelContext context, Duration patience) {
        this.context = context;
        this.patience = patience;
    }

    /**
     * @param patience how long the pool may go on using a socket after the context has ended
     */
    static Connection acquire(
            Operation<Connection, SQLException> pool, Duration patience, CancelListener listener)
            throws SQLException {
        CancelContext context = CancelContext.currentOrNull();
        if (context == null) {
            return pool.run();
        }
        ConnectionGuard.refuseIfEnded(CALL, context);
        Acquisition acquisition = new Acquisition(context, patience);
        try {
            return acquisition.run(pool);
        } finally {
            acquisition.over = true;
            acquisition.report(listener);
        }
    }

    private Connection run(Operation<Connection, SQLException> pool) throws SQLException {
        Connection connection = interruptibly(pool);
        CancelCause cause = context.cause();
        if (cause != null) {
            giveBack(connection);
            throw SqlCancelled.tooLate(CALL, cause);
        }
        return connection;
    }

    private Connection interruptibly(Operation<Connection, SQLException> pool) throws SQLException {
        try (InterruptScope own = InterruptScope.openForCall(context);
                InterruptShield held = InterruptShield.open();
                CancelHook _ = context.onCancelInline(_ -> contextEnded(held))) {
            try {
                return pool.run();
            } catch (SQLException | RuntimeException e) {
                CancelCause cause = own.interrupted() ? context.cause() : null;
                if (cause == null) {
                    throw e;
                }
                throw SqlCancelled.ended(CALL, cause, e);
            }
        }
    }

    /** On the thread that ends the context, perhaps the owner: must not block. */
    private void contextEnded(InterruptShield interrupts) {
        endedAt = Deadline.after(Duration.ZERO);
        Thread.ofVirtual().name("jdbc-acquire").start(() -> letThrough(interrupts));
    }

    private void letThrough(InterruptShield interrupts) {
        try (CancelScope left = CancelContext.background().withTimeout(patience)) {
            while (!over && !SocketUse.isWaitingForNone(owner, Acquisition.class)) {
                if (left.awaitCancelled(LOOK_AGAIN_AFTER) != null) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "No code interrupts this thread", e);
        } finally {
            interrupts.release();
        }
    }

    private void report(CancelListener listener) {
        Deadline since = endedAt;
        CancelCause cause = since == null ? null : context.cause();
        if (since != null && cause != null) {
            Duration took = Duration.ofNanos(-since.remainingNanos());
            ConnectionGuard.tell(listener, new CancelReport(CALL, cause, took, 0, false));
        }
    }

    private static void giveBack(Connection connection) {
        try (InterruptShield _ = InterruptShield.open()) {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            LOG.log(Level.WARNING, "A connection that came too late was not taken back", e);
        }
    }
}
