// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.InterruptShield;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A step on a virtual thread of its own, while the caller waits for it or for the context's end,
 * whichever comes first.
 *
 * <pre>
 *   outcome → outcome     by
 *   null    → Returned    the helper thread
 *   null    → Thrown      the helper thread
 *   null    → LEFT        the caller: the context has ended, or the caller was interrupted
 * </pre>
 *
 * Once, by compare-and-set: a result is either the caller's or, when the caller has left, closed by the
 * helper thread.
 */
final class HelperThreadStep<T extends @Nullable Object> {

    private static final Object LEFT = new Object();

    private record Returned(@Nullable Object value) {}

    private record Thrown(Throwable failure) {}

    private final HttpCall call;
    private final HttpStep<T> step;
    private final Consumer<? super T> tooLate;
    private final AtomicReference<@Nullable Object> outcome = new AtomicReference<>();
    private final CountDownLatch woken = new CountDownLatch(1);

    /** Written by the helper thread. */
    private volatile @Nullable InterruptScope interrupts;

    HelperThreadStep(HttpCall call, HttpStep<T> step, Consumer<? super T> tooLate) {
        this.call = call;
        this.step = step;
        this.tooLate = tooLate;
    }

    /** Caller. */
    T run() throws IOException {
        Runnable task = call.context().wrap(call.settings().carry().apply(this::perform));
        Thread.ofVirtual().name("http-call").start(task);
        boolean interrupted = false;
        try (InterruptShield _ = InterruptShield.open();
                CancelHook _ = call.context().onCancelInline(_ -> woken.countDown())) {
            woken.await();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        Object known = outcome.compareAndExchange(null, LEFT);
        if (interrupted) {
            interruptHelper();
        }
        return settled(known, interrupted);
    }

    /** As the caller has been, by other code than its context. */
    private void interruptHelper() {
        InterruptScope interruptScope = interrupts;
        if (interruptScope != null) {
            interruptScope.interruptNow();
        }
    }

    /** Helper thread. */
    private void perform() {
        try {
            T result = interruptibly();
            if (outcome.compareAndExchange(null, new Returned(result)) == LEFT) {
                tooLate.accept(result);
            }
        } catch (Throwable failure) {
            outcome.compareAndSet(null, new Thrown(failure));
        } finally {
            woken.countDown();
        }
    }

    private T interruptibly() throws IOException {
        try (InterruptScope mine = InterruptScope.openForCall(call.context())) {
            interrupts = mine;
            if (outcome.get() == LEFT) {
                throw new InterruptedIOException("The caller has left");
            }
            return step.run();
        }
    }

    /** Caller. */
    @SuppressWarnings({"unchecked", "NullAway"}) // perform() has put a T in
    private T settled(@Nullable Object known, boolean interrupted) throws IOException {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (known instanceof Returned returned) {
            return (T) returned.value();
        }
        if (known instanceof Thrown thrown) {
            throw rethrown(thrown.failure());
        }
        CancelCause cause = call.context().cause();
        if (cause != null) {
            throw cause.toException();
        }
        throw new InterruptedIOException("The request was interrupted");
    }

    private static IOException rethrown(Throwable failure) throws IOException {
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IOException(failure);
        }
    }
}
