package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.tomcat.RequestContexts;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;

import java.time.Duration;

/**
 * Cancels what the drain has left: after Boot's graceful shutdown has waited for the requests, before
 * the server is stopped. Gives them a moment then to be answered.
 *
 * <p>Runs on the thread that stops the application.
 */
final class RequestShutdown implements SmartLifecycle {

    /** Higher phases stop first: after the drain's, before the server's. */
    static final int PHASE = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 512;

    private static final Log LOG = LogFactory.getLog(RequestShutdown.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(2);

    private final RequestContexts requests;
    private final Duration grace;

    /** Written by the application's starting and stopping threads. */
    private volatile boolean running;

    RequestShutdown(RequestContexts requests, Duration grace) {
        this.requests = requests;
        this.grace = grace;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /** The server goes on serving while the application is paused. */
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
        long left = requests.active();
        if (left > 0) {
            LOG.info("Cancelling " + left + " request(s) that the drain has left");
        }
        requests.shutDown();
        awaitAnswers();
    }

    private void awaitAnswers() {
        // On a context of its own: it knows the time, and this thread may be interrupted.
        try (CancelScope wait = CancelContext.background().withTimeout(grace)) {
            while (requests.active() > 0 && !wait.isCancelled()) {
                wait.awaitCancelled(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
