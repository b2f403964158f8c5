// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Calls an action when the application stops, at a phase of its own: higher phases come first. Not when
 * the application is paused, as cached contexts of tests are: what serves then goes on serving.
 *
 * <p>Runs on the thread that stops the application.
 */
public final class OnStop implements SmartLifecycle {

    private final int phase;
    private final Runnable action;

    /** Written by the application's starting and stopping threads. */
    private volatile boolean running;

    /** Calls {@code action} at {@code phase} of each stop. */
    public OnStop(int phase, Runnable action) {
        this.phase = phase;
        this.action = action;
    }

    /**
     * Calls {@code renewal} after everything else has stopped, and before anything starts again. An
     * application that is closed is not started again: nothing is called then.
     */
    public static OnStop renewing(ConfigurableApplicationContext application, Runnable renewal) {
        return new OnStop(
                Integer.MIN_VALUE,
                () -> {
                    if (!application.isClosed()) {
                        renewal.run();
                    }
                });
    }

    @Override
    public int getPhase() {
        return phase;
    }

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void stop() {
        running = false;
        action.run();
    }
}
