// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.testsupport.Bounded;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Callable;

/** A platform thread in a call that is expected to wait, and what the call ended with. */
final class Waiting<T> {

    private final Thread thread;
    private volatile @Nullable T result;
    private volatile @Nullable Throwable failure;
    private volatile boolean interrupted;

    private Waiting(Callable<T> call) {
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        result = call.call();
                                    } catch (Throwable t) {
                                        failure = t;
                                    }
                                    interrupted = Thread.currentThread().isInterrupted();
                                });
    }

    /** Makes the call and comes back when it is parked in that direction. */
    static <T> Waiting<T> in(PollDesc desc, Mode mode, Callable<T> call) {
        var waiting = new Waiting<>(call);
        Bounded.until(
                "parked",
                () -> desc.hasParked(mode) && waiting.thread.getState() == Thread.State.WAITING);
        return waiting;
    }

    Thread thread() {
        return thread;
    }

    T result() throws InterruptedException {
        Bounded.join(thread);
        T got = result;
        if (got == null) {
            throw new AssertionError("The call failed", failure);
        }
        return got;
    }

    Throwable failure() throws InterruptedException {
        Bounded.join(thread);
        Throwable got = failure;
        if (got == null) {
            throw new AssertionError("The call ended well, with " + result);
        }
        return got;
    }

    boolean endedInterrupted() throws InterruptedException {
        Bounded.join(thread);
        return interrupted;
    }
}
