// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/**
 * When the end of a context may interrupt the thread that works under it.
 *
 * <p>An interrupt closes a {@link java.nio.channels.FileChannel} that the thread is using or uses next,
 * for all threads that share it: a search index, an embedded database, a log. So by default a thread is interrupted
 * only while it waits for something that ends by an {@link InterruptedException}, which takes the
 * interrupt off the thread. Put a policy into a context as the value of {@link #KEY} and it holds for the
 * tasks below it.
 */
public enum InterruptPolicy {
    /** The thread is never interrupted. What it does asks its context, or runs to its end. */
    NEVER,

    /**
     * The thread is interrupted when it waits, now or later: in a sleep, for a lock, a queue, a latch, a
     * future or another thread. While it computes, uses a file or a socket, or waits for what an interrupt
     * does not end, it is left alone; JDBC and HTTP calls end by other means.
     */
    WHEN_WAITING,

    /** The thread is interrupted at once, whatever it does; a loop can see it by its interrupt flag. */
    ALWAYS;

    /** The policy of a context and of all below it. */
    public static final Key<InterruptPolicy> KEY = Key.named("interrupts");

    /** The policy that holds for work under {@code context}: {@link #WHEN_WAITING} if none was given. */
    public static InterruptPolicy of(CancelContext context) {
        InterruptPolicy given = context.value(KEY);
        return given == null ? WHEN_WAITING : given;
    }
}
