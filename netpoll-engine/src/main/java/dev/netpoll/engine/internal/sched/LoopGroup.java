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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * The loops of one engine, with what they share: the poll table, the error counts, stealing, the
 * stall monitor. Safe from any thread.
 */
public final class LoopGroup implements AutoCloseable {

    /** How long {@link #close} waits for a slice to end, and for the monitor. */
    private static final long STUCK_ON_CLOSE_NANOS = 500_000_000;

    /** How long it waits for a carrier that is stuck between slices: in a send, in a lock of the JDK's. */
    private static final long BLOCKED_ON_CLOSE_NANOS = 2 * STUCK_ON_CLOSE_NANOS;

    private static final long CLOSE_LOOK_NANOS = 10_000_000;

    private static final Logger LOG = System.getLogger(LoopGroup.class.getName());

    private final Kernel kernel;
    private final Ticker ticker;
    private final boolean carriesThreads;
    private final PollTable table = new PollTable();
    private final SyscallErrors errors = new SyscallErrors();

    /** Walked by index where memory may lack: an iterator is an object. */
    private final List<EventLoop> loops = new ArrayList<>();

    private final Search search = new Search(loops);
    private final StallMonitor monitor;
    private final Failures failures = new Failures();
    private final Carriers carriers;

    private final Orphans orphans = new Orphans(this);

    private final CopyOnWriteArrayList<StallListener> stallListeners = new CopyOnWriteArrayList<>();

    /** What failed last while a loop was ailing. Any thread. */
    private volatile @Nullable Throwable failure;

    /** The thread that closes the group and waits for carriers. */
    private volatile @Nullable Thread closer;

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
        this.carriers = new Carriers(name, count, failures);
        String obstacle = LoopThreads.obstacle();
        if (mode == CarrierMode.LOOP && obstacle != null) {
            throw new UnsupportedOperationException(obstacle);
        }
        this.carriesThreads = mode != CarrierMode.JDK && obstacle == null;
        if (carriesThreads && !LoopDelays.installed()) {
            LOG.log(Level.DEBUG, "This JDK keeps timed parks elsewhere; sleeps use its own timers");
        }
        if (carriesThreads) {
            LoopThreads.startTheJdksPollers();
        }
        openLoops(count);
        this.monitor = new StallMonitor(this, loops, search, name + "-monitor");
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

    /** Why a loop does not serve; null while all do. */
    public @Nullable Throwable failure() {
        for (EventLoop loop : loops) {
            if (!loop.health().isWell()) {
                return failure;
            }
        }
        return null;
    }

    /** How many events, timers, slices and rounds have failed so far, of which the loops went on. */
    long failures() {
        return failures.total();
    }

    /** How many platform threads run loops, or are stuck in a slice that cost them theirs. */
    public int carriers() {
        return carriers.inUse();
    }

    /** See {@link Carriers#hasToSpare}. */
    boolean hasCarriersToSpare() {
        return carriers.hasToSpare();
    }

    /** Ends carriers that have rested for long. Stall monitor only. */
    void trimCarriers() {
        carriers.trim(ticker.nanoTime());
    }

    /** How many carriers rest until a loop needs one. */
    int restingCarriers() {
        return carriers.resting();
    }

    /** A row for each loop, read while they go on. */
    public List<LoopSnapshot> snapshot() {
        return loops.stream().map(EventLoop::snapshot).toList();
    }

    /** The loop with the fewest connections of those that are well; of all, when none is. */
    public EventLoop leastLoaded() {
        EventLoop best = loops.getFirst();
        for (int i = 0; i < loops.size(); i++) {
            EventLoop loop = loops.get(i);
            boolean fewer = loop.connections().get() < best.connections().get();
            if (loop.health().isWell() == best.health().isWell() ? fewer : loop.health().isWell()) {
                best = loop;
            }
        }
        return best;
    }

    /** A virtual thread that the least loaded loop carries once its caller has started it. */
    public Thread unstarted(Runnable task) {
        return threadsOf(leastLoaded()).unstarted(task);
    }

    Thread.Builder.OfVirtual threadsOf(EventLoop loop) {
        return carriesThreads ? LoopThreads.builder(loop) : Thread.ofVirtual();
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
        for (int i = 0; i < loops.size(); i++) {
            EventLoop loop = loops.get(i);
            if (loop != idle && loop.hasQueued()) {
                return true;
            }
        }
        return false;
    }

    /** Who looks for work beside its own. */
    Search search() {
        return search;
    }

    void loopAwake() {
        monitor.loopAwake();
    }

    // ---- carriers -----------------------------------------------------------------------------

    /** See {@link Carriers#take}. */
    @Nullable Carrier newCarrier(EventLoop loop) {
        return carriers.take(loop);
    }

    /** Run what no carrier runs. */
    Orphans orphans() {
        return orphans;
    }

    // ---- failures -----------------------------------------------------------------------------

    /** Neither allocates nor throws: the monitor logs it. */
    void failed(Failures.Kind what, Object where, Throwable t) {
        failure = t;
        failures.note(what, where, t);
        StallMonitor told = monitor;
        if (told != null) {
            told.loopAwake();
        }
    }

    /** Monitor's thread only. */
    void logFailures() {
        failures.log(LOG, ticker.nanoTime());
    }

    // ---- closing ------------------------------------------------------------------------------

    /**
     * Stops the loops and gives their descriptors back. Waits half a second for slices to end, and a second for
     * carriers that are blocked between slices; what they hold they give back themselves.
     *
     * <p>I/O that is still pending fails as closing, and so does what comes after it; the descriptors
     * remain for their owners to close. Virtual threads that are still alive go on elsewhere.
     */
    @Override
    public void close() {
        closer = Thread.currentThread();
        monitor.close();
        loops.forEach(EventLoop::close);
        boolean interrupted = awaitMonitor();
        long begun = ticker.nanoTime();
        for (EventLoop loop : loops) {
            interrupted |= awaitCarrier(loop, begun);
        }
        loops.forEach(EventLoop::release);
        // No loop will see an event or a deadline any more: threads that wait for one are told. And
        // not before: until the pollers were closed more could come.
        table.closeAll();
        carriers.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** So that it hands no loop over later. A listener of its may be slow: then that is seen below. */
    private boolean awaitMonitor() {
        try {
            if (Thread.currentThread() != monitor) {
                monitor.join(Duration.ofNanos(STUCK_ON_CLOSE_NANOS));
            }
            return false;
        } catch (IllegalThreadStateException e) {
            return false; // never started
        } catch (InterruptedException e) {
            return true;
        }
    }

    /**
     * Until no carrier touches the loop's poller any more. Which carrier owns it is asked anew each time: the
     * monitor may hand it over meanwhile.
     */
    private boolean awaitCarrier(EventLoop loop, long begun) {
        boolean interrupted = false;
        while (!loop.hasLeft() && loop.owner() != null && !loop.health().isOrphaned()) {
            long waited = ticker.nanoTime() - begun;
            boolean ownSlice = loop.owner() == LoopThreads.currentCarrier();
            if ((ownSlice || waited > STUCK_ON_CLOSE_NANOS) && loop.takeFromSlice()) {
                break;
            }
            if (waited > BLOCKED_ON_CLOSE_NANOS) {
                return interrupted;
            }
            LockSupport.parkNanos(this, CLOSE_LOOK_NANOS);
            loop.wakeClosed();
            interrupted |= Thread.interrupted();
        }
        loop.leave();
        return interrupted;
    }

    /** A carrier has left the loop that was closed. */
    void left() {
        LockSupport.unpark(closer);
    }
}
