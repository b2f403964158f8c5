// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.InterruptShield;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * One outbound call under a context. Ends its blocking steps when that context has ended.
 *
 * <p>A step runs on the calling thread, interrupted by the end of this context and of no other, where
 * an interrupt helps; else on a virtual thread of its own, whose interrupt always does, while the caller
 * waits for both. The latter is so on platform threads with a {@link ClientKind#BLOCKING} client, and
 * where the thread's interrupts are held off.
 *
 * <p>Whatever a step throws or returns after the context's end is that end: the deadline's exception,
 * the cancel's. What fails before is the client's or the server's failure and stays as it is.
 *
 * <p>Immutable; steps of one call run one after the other.
 */
record HttpCall(CancelContext context, ClientKind kind, HttpSettings settings, CallEnd end) {

    /**
     * Runs a step.
     *
     * @param tooLate takes care of a result that comes too late; must not block
     * @throws CancelledException if the context has ended
     */
    <T extends @Nullable Object> T run(HttpStep<T> step, Consumer<? super T> tooLate)
            throws IOException {
        context.throwIfCancelled();
        T result;
        try {
            result =
                    usesHelperThread()
                            ? new HelperThreadStep<>(this, step, tooLate).run()
                            : here(step);
        } catch (CancelledException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            CancelCause cause = context.cause();
            if (cause == null) {
                throw e;
            }
            throw ended(cause, e);
        }
        CancelCause cause = context.cause();
        if (cause != null) {
            tooLate.accept(result);
            throw cause.toException();
        }
        return result;
    }

    /** Whether a step of the calling thread runs on another. */
    boolean usesHelperThread() {
        return InterruptShield.isOpen()
                || (kind == ClientKind.BLOCKING && !Thread.currentThread().isVirtual());
    }

    private <T extends @Nullable Object> T here(HttpStep<T> step) throws IOException {
        try (InterruptScope _ = InterruptScope.openForCall(context);
                InterruptShield others = InterruptShield.open();
                CancelHook _ = context.onCancelInline(_ -> others.release())) {
            return step.run();
        }
    }

    static CancelledException ended(CancelCause cause, Exception original) {
        CancelledException ended = cause.toException();
        ended.addSuppressed(original);
        return ended;
    }
}
