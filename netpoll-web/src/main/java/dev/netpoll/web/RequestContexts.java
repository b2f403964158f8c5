// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.task.OverdueWatch;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * The request contexts of one server: their settings, their root contexts, which the server's shutdown
 * cancels, and counts of how they ended. Safe from any thread.
 */
public final class RequestContexts {

    /** Several roots, so that requests on different loops do not meet at one parent. */
    private static final int ROOTS = 16;

    private static final System.Logger LOG = System.getLogger(RequestContexts.class.getName());

    private static final Duration LOOK_EVERY = Duration.ofMillis(2);

    private final RequestSettings settings;

    /** What the roots are derived from. */
    private final CancelContext above;

    /** Replaced as a whole when the server may start again. Any thread. */
    private volatile List<CancelScope> roots;

    private final Map<CancelCause.Kind, LongAdder> ended = new EnumMap<>(CancelCause.Kind.class);
    private final LongAdder opened = new LongAdder();
    private final LongAdder hardDeadlines = new LongAdder();
    private final LongAdder hardCancels = new LongAdder();

    public RequestContexts(RequestSettings settings) {
        this(settings, CancelContext.background());
    }

    /** With the values of {@code above}. */
    public RequestContexts(RequestSettings settings, CancelContext above) {
        this.settings = settings;
        // What a request starts is watched and interrupted like the request itself.
        this.above =
                above.with(OverdueWatch.KEY, settings.overdue())
                        .with(InterruptPolicy.KEY, settings.interrupts());
        this.roots = newRoots();
        for (CancelCause.Kind kind : CancelCause.Kind.values()) {
            ended.put(kind, new LongAdder());
        }
    }

    private List<CancelScope> newRoots() {
        return Stream.generate(above::withCancel).limit(ROOTS).toList();
    }

    public RequestSettings settings() {
        return settings;
    }

    /**
     * Cancels every request: the server goes down and its drain is over. Requests that still come are
     * cancelled at once, until {@link #renew}.
     */
    public void shutDown() {
        for (CancelScope root : roots) {
            root.cancel(new CancelCause.ServerShuttingDown());
        }
    }

    /**
     * Cancels every request that the drain has left, as {@link #shutDown()} does, and waits until they are
     * answered, at most for {@code grace}. An interrupt ends the wait.
     */
    public void shutDown(Duration grace) {
        long left = active();
        if (left > 0) {
            LOG.log(Level.INFO, "Cancelling {0} request(s) that the drain has left", left);
        }
        shutDown();
        // On a context of its own: it knows the time, and this thread may be interrupted.
        try (CancelScope wait = CancelContext.background().withTimeout(grace)) {
            while (active() > 0 && !wait.isCancelled()) {
                wait.awaitCancelled(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Gives the requests that come from now on fresh roots: the server has stopped, and may start again.
     * Requests from before the stop stay cancelled. Changes nothing unless they have been shut down.
     */
    public synchronized void renew() {
        if (roots.getFirst().isCancelled()) {
            roots = newRoots();
        }
    }

    /** How many requests are under way. */
    public long active() {
        return Math.max(opened.sum() - ended.values().stream().mapToLong(LongAdder::sum).sum(), 0);
    }

    /** How many requests have ended, by what ended them; those that completed among them. */
    public Map<CancelCause.Kind, Long> ended() {
        Map<CancelCause.Kind, Long> counts = new EnumMap<>(CancelCause.Kind.class);
        ended.forEach((kind, count) -> counts.put(kind, count.sum()));
        return counts;
    }

    /** How many requests the connector answered for a handler that went on after its deadline. */
    public long hardDeadlines() {
        return hardDeadlines.sum();
    }

    /** As {@link #hardDeadlines}, for requests cancelled by a shutdown, an operator or the application. */
    public long hardCancels() {
        return hardCancels.sum();
    }

    /**
     * Counts a request as begun and returns the parent of its context. For connectors, as are the next two.
     *
     * @param spread requests with the same value have the same parent
     */
    public CancelScope root(long spread) {
        opened.increment();
        return roots.get((int) spread & (ROOTS - 1));
    }

    /** Counts a request as ended and answered. Once a request. */
    public void countEnd(CancelCause.Kind kind) {
        LongAdder count = ended.get(kind);
        if (count != null) {
            count.increment();
        }
    }

    /** The connector has answered for a handler, or cut its response off. */
    public void countTakeOver(CancelCause cause) {
        (cause.isDeadline() ? hardDeadlines : hardCancels).increment();
    }
}
