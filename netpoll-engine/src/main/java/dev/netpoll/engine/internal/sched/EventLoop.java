// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.PollLoop;
import dev.netpoll.engine.internal.poll.PollStatistics;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.poll.TimerQueue;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.Ticker;
import dev.netpoll.engine.stats.LoopSnapshot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One event loop: an epoll instance, a run queue of virtual-thread continuations, a timer queue. Go's
 * P.
 *
 * <p>{@link #run} belongs to the carrier that owns the loop. Everything else is safe from any thread.
 * A carrier runs no user code of its own: what it runs are continuations of virtual threads, and the
 * engine's and the connector's sends at the end of a batch.
 */
public final class EventLoop extends LoopState implements PollLoop, Executor {

    /** After so many slices the sockets are looked at, whatever is still queued. */
    static final int SLICES_PER_POLL = 64;

    /** What is queued once slices have run for so long is shared with a neighbour that sleeps. */
    static final long SHARE_NANOS = 100_000;

    /** After so long, too, the sockets are looked at, whatever is still queued. */
    static final long ROUND_NANOS = 1_000_000;

    /** So many new events at once are worth waking a sleeping neighbour for, be they ever so short. */
    private static final int WORTH_SHARING = 8;

    private final LoopGroup group;
    private final int id;
    private final Ticker ticker;
    private final EpollPoller poller;
    private final TimerQueue timers = new TimerQueue();
    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final BatchEnd batchEnd;
    private final Thread.Builder.OfVirtual threads;
    private final LoopCounters counters = new LoopCounters();
    private final LoopTimes times;
    private final PollStatistics statistics = new PollStatistics();
    private final AtomicInteger connections = new AtomicInteger();

    /** The carrier that runs the loop. Written by start and the stall monitor, read by anyone. */
    private volatile @Nullable Carrier owner;

    /** The carriers it was taken from and that are still in their slice. Any thread. */
    private final CopyOnWriteArrayList<Carrier> stuck = new CopyOnWriteArrayList<>();

    /** What the slice continues, or the last one did. Written by the carrier before its turn. */
    private @Nullable Runnable running;

    private volatile boolean open = true;

    EventLoop(LoopGroup group, int id, EpollPoller poller) {
        this.group = group;
        this.id = id;
        this.ticker = group.ticker();
        this.poller = poller;
        this.batchEnd = new BatchEnd(ticker);
        this.times = new LoopTimes(ticker.nanoTime());
        this.threads = group.carriesThreads() ? LoopThreads.builder(this) : Thread.ofVirtual();
    }

    public int id() {
        return id;
    }

    long now() {
        return ticker.nanoTime();
    }

    boolean isOpen() {
        return open;
    }

    LoopCounters counters() {
        return counters;
    }

    /** Puts {@code fd} under this loop's poller; on failure it is closed. */
    public PolledFd register(int fd) throws IOException {
        return poller.register(this, fd);
    }

    // ---- work ---------------------------------------------------------------------------------

    /** How many connections are assigned to this loop. */
    public AtomicInteger connections() {
        return connections;
    }

    /** Starts a virtual thread on this loop. */
    public Thread start(@Nullable String name, Runnable task) {
        Thread thread = threads.unstarted(task);
        if (name != null) {
            thread.setName(name);
        }
        thread.start();
        return thread;
    }

    @Override
    public void start(Dispatch dispatch) {
        threads.unstarted(dispatch).start();
    }

    /**
     * Queues a continuation, on the loop of the calling carrier where that is one of the group: a thread
     * goes on where what it waited for has come about, and no other loop has to be woken. Called by the JDK
     * whenever a virtual thread of this loop can go on.
     */
    @Override
    public void execute(Runnable continuation) {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.loop().group == group) {
            carrier.loop().enqueue(continuation);
        } else {
            enqueue(continuation);
        }
    }

    private void enqueue(Runnable continuation) {
        if (!open) {
            group.executeOrphan(continuation);
            return;
        }
        queue.add(continuation);
        wakeIfSleeping();
        if (!open) {
            // Closed meanwhile: the carrier may have emptied the queue before this came.
            handOverQueue();
        }
    }

    /**
     * Has {@code task} run by a carrier at the end of its loop's batch: once the loop has run what is
     * queued, or after 200 µs and the slice that is running then, and before it looks at its sockets
     * again. It must not block, and not throw.
     *
     * @return false, and nothing happens, where no loop carries the calling virtual thread, or its
     *     slices are too long for others to wait for
     */
    public static boolean atBatchEnd(Runnable task) {
        return LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.loop().runAtBatchEnd(task);
    }

    boolean runAtBatchEnd(Runnable task) {
        if (!open || !batchEnd.isWorthwhile()) {
            return false;
        }
        batchEnd.add(task);
        // A carrier that has lost the loop adds to the batch of another, which may be asleep by
        // now.
        wakeIfSleeping();
        if (!open) {
            runBatchEnd();
        }
        return true;
    }

    private void runBatchEnd() {
        Runnable task;
        while ((task = batchEnd.poll()) != null) {
            runSlice(task);
        }
    }

    /** Ends the loop's sleep; false when it was awake. */
    boolean wakeIfSleeping() {
        if (claimWakeUp()) {
            counters.wakeUps.increment();
            times.signalled(ticker.nanoTime());
            poller.wakeUp();
            return true;
        }
        return false;
    }

    @Override
    public TimerQueue timers() {
        return timers;
    }

    @Override
    public PollStatistics statistics() {
        return statistics;
    }

    @Override
    public void timersMoved() {
        wakeIfSleeping();
    }

    void arm(Timer timer, long when) {
        if (timers.arm(timer, when)) {
            timersMoved();
        }
    }

    // ---- the loop -----------------------------------------------------------------------------

    void startCarrier() {
        Carrier first = group.newCarrier(this);
        if (first == null) {
            throw new IllegalStateException("No carrier is left for a new loop");
        }
        adopt(first);
    }

    private void adopt(Carrier carrier) {
        owner = carrier;
        carrier.decide(Carrier.Verdict.RUN);
    }

    /** Runs on the calling carrier until the loop closes or has been handed to another. */
    void run(Carrier carrier) {
        try {
            long mine = turn();
            runBatchEnd(); // of the carrier before, which is stuck
            while (open) {
                mine = runSlices(mine);
                if (mine < 0) {
                    stuck.remove(carrier);
                    counters.stallEnded(carrier.stuckFor(ticker.nanoTime()));
                    return;
                }
                // Once closed, perhaps by that very slice, no thread waits for this carrier, and
                // the
                // poller's descriptors may belong to another file.
                if (open) {
                    runBatchEnd();
                    comeRound();
                }
            }
            handOverQueue();
        } catch (Throwable t) {
            group.loopFailed(this, t);
            throw t;
        }
    }

    /** Runs queued continuations; answers the turn reached, or -1 when the loop was lost. */
    private long runSlices(long from) {
        long mine = from;
        int ran = 0;
        long began = ticker.nanoTime();
        while (ran < SLICES_PER_POLL) {
            Runnable continuation = queue.poll();
            if (continuation == null) {
                continuation = group.steal(this);
                if (continuation == null) {
                    break;
                }
            }
            running = continuation;
            beginSlice(mine);
            runSlice(continuation);
            if (!endSlice(mine)) {
                return -1;
            }
            mine += 2;
            ran++;
            if (batchEnd.isOverdue()) {
                runBatchEnd();
            }
            if (!queue.isEmpty() && shareIfLong(began)) {
                break;
            }
        }
        counters.slices(ran);
        batchEnd.ran(ran, ticker.nanoTime() - began);
        return mine;
    }

    /** Whether it is time to look at the sockets again, with more still queued. */
    private boolean shareIfLong(long began) {
        long ran = ticker.nanoTime() - began;
        if (ran >= SHARE_NANOS) {
            group.wakeSleeperBeside(this);
        }
        return ran >= ROUND_NANOS;
    }

    private void runSlice(Runnable continuation) {
        try {
            continuation.run();
        } catch (Throwable t) {
            // A continuation hands its thread's exceptions to the thread's handler. This is the
            // JDK's.
            group.sliceFailed(this, t);
        }
    }

    /**
     * Looks at the sockets, asleep where there is nothing else to do, and then at the timers, with the
     * time from before: what came before a deadline has had its event by then.
     */
    private void comeRound() {
        long now = ticker.nanoTime();
        long first = timers.earliest();
        times.cameRound(first, now);
        boolean idle =
                first > now && queue.isEmpty() && batchEnd.isEmpty() && !group.hasWorkFor(this);
        int ready = idle ? sleep() : poller.await(0);
        int events = poller.dispatch(ready);
        timers.expire(now);
        counters.polled(events);
        if (events >= WORTH_SHARING || events > 1 && !batchEnd.isWorthwhile()) {
            group.wakeSleeperBeside(this);
        }
    }

    private int sleep() {
        fallAsleep();
        long now = ticker.nanoTime();
        times.fallsAsleep(now);
        boolean nothingCame = queue.isEmpty() && batchEnd.isEmpty() && open;
        long timeout = nothingCame ? untilFirstTimer(now) : 0;
        int ready = poller.await(timeout);
        // Before the events wake any thread: otherwise each sleep would end with a signal to
        // itself.
        awake();
        times.awake(ticker.nanoTime());
        group.loopAwake();
        return ready;
    }

    private long untilFirstTimer(long now) {
        long first = timers.earliest();
        return first == Long.MAX_VALUE ? -1 : Math.max(first - now, 0);
    }

    // ---- for neighbours and the monitor ---------------------------------------------------------

    /** Work for a neighbour that has none. */
    @Nullable Runnable giveAway() {
        return queue.isEmpty() ? null : queue.poll();
    }

    boolean hasQueued() {
        return !queue.isEmpty();
    }

    /**
     * Gives the loop to a new carrier if the slice of {@code stuckTurn} is still running. Stall
     * monitor only.
     *
     * @param since when the slice was first seen, on the ticker's clock
     * @return what is stuck in it, the virtual thread or at least its carrier; null when it ended in
     *     time
     */
    @Nullable Thread handOver(long stuckTurn, long since) {
        Thread inSlice = inItsSlice();
        Carrier before = owner;
        Carrier next = open ? group.newCarrier(this) : null;
        if (next == null || before == null) {
            return null;
        }
        before.stuckSince(since);
        stuck.add(before);
        if (!takeOver(stuckTurn)) {
            before.stuckSince(0);
            stuck.remove(before);
            next.decide(Carrier.Verdict.LEAVE);
            return null;
        }
        adopt(next);
        return inSlice;
    }

    private @Nullable Thread inItsSlice() {
        Runnable continuation = running;
        Thread thread = continuation == null ? null : LoopThreads.threadOf(continuation);
        return thread != null ? thread : owner;
    }

    /** The carrier has not come back for its queue for long: another thread runs what is there. */
    void rescueQueue() {
        handOverQueue();
    }

    boolean carrierIsBlocked() {
        Carrier carrier = owner;
        return carrier != null && carrier.isBlocked();
    }

    private long longestStall() {
        long longest = counters.longestStall();
        long now = ticker.nanoTime();
        for (Carrier carrier : stuck) {
            longest = Math.max(longest, carrier.stuckFor(now));
        }
        return longest;
    }

    int queued() {
        return queue.size();
    }

    /** Walks the queue to count it, which holds up no thread. */
    LoopSnapshot snapshot() {
        return new LoopSnapshot(
                id,
                connections.get(),
                counters.polls(),
                counters.events(),
                counters.wakeUps.sum(),
                queued(),
                counters.slices(),
                counters.stolen(),
                timers.size(),
                counters.stalls(),
                Duration.ofNanos(longestStall()),
                times.snapshot(ticker.nanoTime()));
    }

    @Nullable Carrier owner() {
        return owner;
    }

    // ---- closing --------------------------------------------------------------------------------

    /** Stops taking work; what is queued, and what still comes, runs elsewhere. */
    void close() {
        open = false;
        awake();
        poller.wakeUp();
    }

    private void handOverQueue() {
        Runnable continuation;
        while ((continuation = queue.poll()) != null) {
            group.executeOrphan(continuation);
        }
        runBatchEnd();
    }

    /** Gives the descriptors back. The carrier has left. */
    void release() {
        timers.drain(EventLoop::handOverTimer);
        handOverQueue();
        poller.close();
    }

    /** A sleeper's time still comes; a deadline's does not, its descriptor was closed with the loop. */
    private static void handOverTimer(Timer timer) {
        if (timer instanceof LoopDelay delay) {
            delay.moveElsewhere();
        }
    }

    @Override
    public String toString() {
        return "EventLoop[" + id + "]";
    }
}
