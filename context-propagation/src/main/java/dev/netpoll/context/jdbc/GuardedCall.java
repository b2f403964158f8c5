// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.InterruptShield;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * One call into a driver that may block, with the steps that end it when its context has ended:
 *
 * <ol>
 *   <li>a cancel, sent from a virtual thread by a way that the database offers for it;
 *   <li>the same again, in doubling intervals, since one that comes before its query is forgotten;
 *   <li>after the grace, the abort of the connection.
 * </ol>
 *
 * All of it behind a {@link CancelFence}, whose head holds the state machine.
 *
 * <p>Meanwhile the owner's interrupts are held off by a shield: one in socket I/O would cost the
 * connection. Once that is lost they are let through.
 *
 * <p>The owner makes it, makes the call, tells it of a {@linkplain #failed failure} and {@linkplain #end
 * ends} it:
 *
 * <pre>{@code
 * GuardedCall call = guard.begin(…);
 * try {
 *     return statement.…;
 * } catch (SQLException e) {
 *     throw call.failed(e);
 * } finally {
 *     call.end();
 * }
 * }</pre>
 */
final class GuardedCall {

    private static final Logger LOG = System.getLogger(GuardedCall.class.getName());

    private final ConnectionGuard guard;
    private final String name;
    private final @Nullable Statement statement;
    private final boolean sends;
    private final @Nullable CancelContext context;
    private final InterruptShield shield;
    private final CancelFence fence = new CancelFence();
    private final @Nullable CancelHook hook;

    // The owner's: what the statement's query timeout was, and whether the call is over.
    private @Nullable QueryTimeouts timeouts;
    private int timeoutBefore;
    private boolean ended;

    /** There once the context has ended. Written by the canceller, then the fence is looked at. */
    private volatile @Nullable CancelAttempt attempt;

    /**
     * @param since when the context ended
     * @param patience how long the call may go on after it
     */
    private record CancelAttempt(Deadline since, CancelScope patience) {}

    private GuardedCall(
            ConnectionGuard guard,
            String name,
            @Nullable Statement statement,
            boolean sends,
            InterruptShield shield,
            @Nullable CancelContext context) {
        this.guard = guard;
        this.name = name;
        this.statement = statement;
        this.sends = sends;
        this.context = context;
        this.shield = shield;
        this.hook = context == null ? null : context.onCancelInline(_ -> startCanceller());
    }

    /** A call under no context, that nothing ends. */
    static GuardedCall free(ConnectionGuard guard, String name, InterruptShield shield) {
        return new GuardedCall(guard, name, null, false, shield, null);
    }

    /** A call that the end of {@code context} cancels in the database. */
    static GuardedCall cancellable(
            ConnectionGuard guard,
            String name,
            @Nullable Statement statement,
            InterruptShield shield,
            CancelContext context) {
        return new GuardedCall(guard, name, statement, true, shield, context);
    }

    /** A call that has to be made all the same, but not for ever once {@code context} has ended. */
    static GuardedCall patient(
            ConnectionGuard guard, String name, InterruptShield shield, CancelContext context) {
        return new GuardedCall(guard, name, null, false, shield, context);
    }

    // ---- canceller

    /** On the thread that ends the context, perhaps the owner: must not block. */
    private void startCanceller() {
        Thread.ofVirtual().name("jdbc-cancel").start(this::cancelInDatabase);
    }

    private void cancelInDatabase() {
        CancelScope patience =
                CancelContext.background().withTimeout(guard.settings().cancelGrace());
        attempt = new CancelAttempt(Deadline.after(Duration.ZERO), patience);
        patience.onCancelInline(this::patienceEnded);
        if (fence.isOver()) {
            patience.close(); // the owner may have left without having seen it
            return;
        }
        Duration pause = guard.settings().resendAfter();
        while (sends && send() && !endedWithin(pause, patience)) {
            pause = pause.multipliedBy(2);
        }
    }

    /** False if there is nothing more to send: the call is over, or the driver has no way. */
    private boolean send() {
        if (!fence.trySend()) {
            return false;
        }
        try {
            return guard.sendCancel(statement);
        } catch (SQLException | RuntimeException e) {
            // It may work the next time; if it never does, patience ends.
            LOG.log(Level.DEBUG, "A cancel could not be sent", e);
            return true;
        } finally {
            fence.arrived();
        }
    }

    private static boolean endedWithin(Duration pause, CancelScope patience) {
        try {
            return patience.awaitCancelled(pause) != null;
        } catch (InterruptedException e) {
            return true; // no code interrupts this thread
        }
    }

    // ---- patience

    /** On a thread of its own when it is the deadline, else on the owner's or canceller's. */
    private void patienceEnded(CancelCause why) {
        if (!why.isDeadline() || !fence.tryAbort()) {
            return;
        }
        try {
            LOG.log(Level.WARNING, this::giveUpLine);
            guard.abort();
        } finally {
            fence.lost();
            shield.release();
        }
    }

    private String giveUpLine() {
        CancelCause cause = cause();
        return "The JDBC call "
                + name
                + " did not end within "
                + guard.settings().cancelGrace().toMillis()
                + " ms of its cancel ("
                + (cause == null ? "" : cause.message())
                + "); its connection is given up";
    }

    private @Nullable CancelCause cause() {
        return context == null ? null : context.cause();
    }

    // ---- owner

    /** Gives the statement a query timeout of no more than {@code seconds} until the end. */
    void tighten(QueryTimeouts by, int seconds) {
        if (statement != null) {
            timeoutBefore = by.tighten(statement, seconds);
            timeouts = by;
        }
    }

    /** Ends the call; what its caller is told instead of {@code error}, or that itself. */
    SQLException failed(SQLException error) {
        end();
        CancelCause cause = cause();
        boolean cancelled = fence.sent() > 0 || fence.isLost() || SqlCancelled.isLike(error);
        return cause != null && cancelled ? SqlCancelled.ended(name, cause, error) : error;
    }

    /**
     * When this has returned, nothing that the cancel started touches the connection, and another may call.
     * Idempotent.
     */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            if (timeouts != null && statement != null) {
                timeouts.putBack(statement, timeoutBefore);
            }
            settle();
        } finally {
            guard.leave(shield);
        }
    }

    private void settle() {
        if (hook == null || hook.stop()) {
            return; // the context did not end meanwhile
        }
        fence.leave();
        CancelAttempt made = attempt;
        if (made != null) {
            made.patience.close();
            report(made.since);
        }
    }

    private void report(Deadline since) {
        boolean lost = fence.isLost();
        if (lost) {
            guard.letThePoolSeeTheLoss();
        }
        CancelCause cause = cause();
        if (cause != null && (lost || fence.sent() > 0)) {
            Duration took = Duration.ofNanos(-since.remainingNanos());
            guard.report(new CancelReport(name, cause, took, fence.sent(), lost));
        }
    }
}
