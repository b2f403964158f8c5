package dev.netpoll.autoconfigure.context;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Makes fresh root contexts when the application has been stopped, so that it can be started again:
 * after everything else has stopped, and before anything starts. An application that is closed gets
 * none: what still begins there is cancelled at once.
 *
 * <p>Runs on the thread that stops the application.
 */
final class ContextRenewal implements SmartLifecycle {

    /** Lower phases stop last, and start first. */
    static final int PHASE = Integer.MIN_VALUE;

    private final ConfigurableApplicationContext application;
    private final Runnable renew;

    /** Written by the application's starting and stopping threads. */
    private volatile boolean running;

    /** By calling {@code renew}. */
    ContextRenewal(ConfigurableApplicationContext application, Runnable renew) {
        this.application = application;
        this.renew = renew;
    }

    @Override
    public int getPhase() {
        return PHASE;
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
        if (!application.isClosed()) {
            renew.run();
        }
    }
}
