package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.spring.BackgroundContexts;

import org.springframework.context.SmartLifecycle;

/**
 * Cancels background work when the application stops: after the server's drain, where there is a
 * server, and before the executors and schedulers wait for what they run.
 *
 * <p>Runs on the thread that stops the application.
 */
final class BackgroundShutdown implements SmartLifecycle {

    /** Higher phases stop first: after the drain's, and right before the requests are cancelled. */
    static final int PHASE = RequestShutdown.PHASE + 1;

    private final BackgroundContexts background;

    /** Written by the application's starting and stopping threads. */
    private volatile boolean running;

    BackgroundShutdown(BackgroundContexts background) {
        this.background = background;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** Schedulers let a run that is under way end when they are paused. */
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
        background.shutDown();
    }
}
