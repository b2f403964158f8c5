// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.PollTable;
import dev.netpoll.engine.internal.poll.SyscallErrors;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Ticker;
import dev.netpoll.engine.stats.LoopSnapshot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The loops of one engine, with what they share: the poll table, the error counts, stealing, the
 * stall monitor. Safe from any thread.
 */
public final class LoopGroup implements AutoCloseable {

    /** More carriers than this would be no scheduler any more, only threads. */
    private static final int MAX_SPARE_CARRIERS = 256;

    private static final long STUCK_ON_CLOSE_NANOS = 500_000_000;
    private static final long CLOSE_LOOK_MILLIS = 10;

    private static final Logger LOG = System.getLogger(LoopGroup.class.getName());

    private final Kernel kernel;
    private final Ticker ticker;
    private final String name;
    private final boolean carriesThreads;
    private final PollTable table = new PollTable();
    private final SyscallErrors errors = new SyscallErrors();
    private final List<EventLoop> loops = new ArrayList<>();
    private final StallMonitor monitor;
    private final AtomicInteger carriers = new AtomicInteger();
    private final AtomicInteger carrierNumbers = new AtomicInteger();
    private final CopyOnWriteArrayList<StallListener> stallListeners = new CopyOnWriteArrayList<>();

    /** Whether the last attempt to start a carrier failed. Any thread; only to log it once. */
    private volatile boolean outOfThreads;

    /** Set by the first loop that dies of an exception. */
    private volatile @Nullable Throwable failure;

    /**
     * Opens and starts {@code count} loops.
     *
     * @throws IOException when the kernel refuses an epoll instance or an eventfd
     * @throws UnsupportedOperationException for {@link CarrierMode#LOOP} where the JVM does not allow
     *     it; the message says what to do
     */
    public LoopGroup(Kernel kernel, Ticker ticker, String name, int count, CarrierMode mode)
            throws IOException {
        this.kernel = kernel;
        this.ticker = ticker;
        this.name = name;
        String obstacle = LoopThreads.obstacle();
        if (mode == CarrierMode.LOOP && obstacle != null) {
            throw new UnsupportedOperationException(obstacle);
        }
        this.carriesThreads = mode != CarrierMode.JDK && obstacle == null;
        if (carriesThreads && !LoopDelays.installed()) {
            LOG.log(Level.DEBUG, "This JDK keeps timed parks elsewhere; sleeps use its own timers");
        }
        openLoops(count);
        this.monitor = new StallMonitor(this, loops, name + "-monitor");
        try {
            loops.forEach(EventLoop::startCarrier);
            monitor.start();
        } catch (RuntimeException | OutOfMemoryError e) { // no thread left
            close();
            throw e;
        }
    }

    private void openLoops(int count) throws IOException {
        try {
            for (int i = 0; i < count; i++) {
                loops.add(new EventLoop(this, i, new EpollPoller(kernel, ticker, table, errors)));
            }
        } catch (IOException e) {
            loops.forEach(EventLoop::release);
            throw e;
        }
    }

    /** Why loops cannot carry virtual threads in this JVM; null when they can. */
    public static @Nullable String obstacleToCarrying() {
        return LoopThreads.obstacle();
    }

    public Ticker ticker() {
        return ticker;
    }

    public SyscallErrors errors() {
        return errors;
    }

    public PollTable table() {
        return table;
    }

    public List<EventLoop> loops() {
        return loops;
    }

    /** Whether the loops carry the virtual threads themselves. */
    public boolean carriesThreads() {
        return carriesThreads;
    }

    /** Why a loop died; null while all live. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** How many platform threads run loops, or are stuck in a slice that cost them theirs. */
    public int carriers() {
        return carriers.get();
    }

    /** A row for each loop, read while they go on. */
    public List<LoopSnapshot> snapshot() {
        return loops.stream().map(EventLoop::snapshot).toList();
    }

    /** The loop with the fewest connections. */
    public EventLoop leastLoaded() {
        EventLoop best = loops.getFirst();
        for (EventLoop loop : loops) {
            if (loop.connections().get() < best.connections().get()) {
                best = loop;
            }
        }
        return best;
    }

    public void addStallListener(StallListener listener) {
        stallListeners.add(listener);
    }

    void stalled(EventLoop loop, Thread stuck, long nanos) {
        LoopStallEvent.record(loop.id(), stuck, nanos);
        for (StallListener listener : stallListeners) {
            try {
                listener.stalled(loop.id(), stuck, nanos);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "A stall listener failed; the others are told", e);
            }
        }
    }

    // ---- helping each other -------------------------------------------------------------------

    /** A continuation from another loop's queue. Runs on {@code idle}'s carrier. */
    @Nullable Runnable steal(EventLoop idle) {
        int count = loops.size();
        for (int i = 1; i < count; i++) {
            Runnable stolen = loops.get((idle.id() + i) % count).giveAway();
            if (stolen != null) {
                idle.counters().stole();
                return stolen;
            }
        }
        return null;
    }

    boolean hasWorkFor(EventLoop idle) {
        for (EventLoop loop : loops) {
            if (loop != idle && loop.hasQueued()) {
                return true;
            }
        }
        return false;
    }

    void wakeSleeperBeside(EventLoop busy) {
        for (EventLoop loop : loops) {
            if (loop != busy && loop.wakeIfSleeping()) {
                return;
            }
        }
    }

    void loopAwake() {
        monitor.loopAwake();
    }

    // ---- carriers -----------------------------------------------------------------------------

    /**
     * A carrier for {@code loop}, started and waiting for its verdict; null when there are too many
     * already, or the system gives no thread.
     */
    @Nullable Carrier newCarrier(EventLoop loop) {
        if (carriers.incrementAndGet() > loops.size() + MAX_SPARE_CARRIERS) {
            carriers.decrementAndGet();
            return null;
        }
        String called = name + "-carrier-" + carrierNumbers.getAndIncrement();
        Carrier carrier = new Carrier(loop, called, carriers::decrementAndGet);
        try {
            carrier.start();
            outOfThreads = false;
            return carrier;
        } catch (OutOfMemoryError e) { // what the JDK throws when it can have no thread
            carriers.decrementAndGet();
            if (!outOfThreads) {
                outOfThreads = true; // once: the monitor tries again every few milliseconds
                LOG.log(Level.WARNING, "The system gives no thread to carry " + loop, e);
            }
            return null;
        }
    }

    /** Runs a continuation whose loop has closed under it, so that its thread can end. */
    void executeOrphan(Runnable continuation) {
        Orphans.EXECUTOR.execute(continuation);
    }

    private static final class Orphans {

        /** Enough for some of them to block; and not one for each of ten thousand connections. */
        private static final int THREADS = 64;

        private static final long IDLE_SECONDS = 1;

        static final Executor EXECUTOR = executor();

        private static Executor executor() {
            var threads = Thread.ofPlatform().name("netpoll-orphans-", 0).daemon().factory();
            var executor =
                    new ThreadPoolExecutor(
                            THREADS,
                            THREADS,
                            IDLE_SECONDS,
                            TimeUnit.SECONDS,
                            new LinkedBlockingQueue<>(),
                            threads);
            executor.allowCoreThreadTimeOut(true);
            return executor;
        }
    }

    // ---- failures -----------------------------------------------------------------------------

    void sliceFailed(EventLoop loop, Throwable t) {
        LOG.log(Level.ERROR, "A continuation failed on " + loop + "; the loop goes on", t);
    }

    void monitorFailed(Throwable t) {
        LOG.log(Level.ERROR, "A look at the loops failed; the monitor goes on", t);
    }

    void loopFailed(EventLoop loop, Throwable t) {
        failure = t;
        LOG.log(Level.ERROR, loop + " died; its connections are dead with it", t);
    }

    // ---- closing ------------------------------------------------------------------------------

    /**
     * Stops the loops and gives their descriptors back. Waits for the carriers that are not stuck.
     *
     * <p>I/O that is still pending fails as closing, and so does what comes after it; the descriptors
     * remain for their owners to close. Virtual threads that are still alive go on elsewhere.
     */
    @Override
    public void close() {
        monitor.close();
        loops.forEach(EventLoop::close);
        boolean interrupted = false;
        for (EventLoop loop : loops) {
            interrupted |= awaitOwner(loop);
        }
        loops.forEach(EventLoop::release);
        // No loop will see an event or a deadline any more: threads that wait for one are told. And
        // not before: until the pollers were closed more could come.
        table.closeAll();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the carrier has left, or is known to be in a slice, from where it touches no poller. */
    private boolean awaitOwner(EventLoop loop) {
        Thread owner = loop.owner();
        boolean interrupted = false;
        long giveUp = ticker.nanoTime() + STUCK_ON_CLOSE_NANOS;
        while (owner != null
                && owner.isAlive()
                && owner != LoopThreads.currentCarrier()
                && !(loop.inSlice() && ticker.nanoTime() > giveUp)) {
            try {
                owner.join(CLOSE_LOOK_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }
}
