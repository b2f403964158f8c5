// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/**
 * The JVM's own clock, one timer thread for all contexts, and virtual threads. The only class of
 * this module that reads {@link System#nanoTime()}.
 *
 * <p>A virtual thread started from a virtual thread runs where its starter does, so what a cancel sets off
 * on an event loop stays on that loop.
 */
final class SystemRuntime implements ContextRuntime {

    static final SystemRuntime INSTANCE = new SystemRuntime();

    private final TimerThread timer = new TimerThread(this::nanoTime);

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timeout schedule(long atNanos, Runnable expiry) {
        return timer.schedule(atNanos, expiry);
    }

    @Override
    public void start(Runnable action) {
        Thread.ofVirtual().name("context-end").start(action);
    }
}
