// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.PollLoop;
import dev.netpoll.engine.internal.poll.PollStatistics;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.poll.TimerQueue;
import dev.netpoll.engine.internal.sched.WorkQueue.Origin;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.Ticker;
import dev.netpoll.engine.stats.LoopSnapshot;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/**
 * One event loop: an epoll instance, a run queue of virtual-thread continuations, a timer queue. Go's
 * P.
 *
 * <p>{@link #run} belongs to the carrier that owns the loop. Everything else is safe from any thread.
 * A carrier runs no user code of its own: what it runs are continuations of virtual threads, and the
 * engine's and the connector's sends at the end of a batch.
 */
public final class EventLoop extends LoopState implements PollLoop, Executor, Neighbour {

    /** So many new events at once are worth waking a sleeping neighbour for, be they ever so short. */
    private static final int WORTH_SHARING = 8;

    private final LoopGroup group;
    private final int id;
    private final Ticker ticker;
    private final EpollPoller poller;
    private final TimerQueue timers = new TimerQueue(this::failed);
    private final WorkQueue queue = new WorkQueue();
    private final BatchEnd batchEnd;
    private final Slices slices;
    private final Orphans.Help help;
    private final ThreadStarts threads;
    private final LoopCounters counters = new LoopCounters();
    private final LoopTimes times;
    private final PollStatistics statistics = new PollStatistics();
    private final AtomicInteger connections = new AtomicInteger();
    private final LoopOwner owner;
    private final LoopEnd end;
    private final LoopHealth health;

    private volatile boolean open = true;

    EventLoop(LoopGroup group, int id, EpollPoller poller) {
        this(group, id, poller, UnaryOperator.identity());
    }

    /** @param around what stands around the factory of its threads */
    EventLoop(LoopGroup group, int id, EpollPoller poller, UnaryOperator<ThreadFactory> around) {
        this.group = group;
        this.id = id;
        this.ticker = group.ticker();
        this.poller = poller;
        this.batchEnd = new BatchEnd(ticker);
        this.slices = new Slices(this, group, queue, batchEnd);
        this.help = new Orphans.Help(group.orphans(), queue);
        this.owner = new LoopOwner(this, group);
        this.end = new LoopEnd(this, poller);
        this.health = new LoopHealth(this, poller);
        this.times = new LoopTimes(ticker.nanoTime());
        this.threads = new ThreadStarts(this, around.apply(group.threadsOf(this).factory()));
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

    LoopHealth health() {
        return health;
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
        return threads.start(name, task);
    }

    @Override
    public void start(Dispatch dispatch, boolean afterLong) {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier) {
            carrier.start(threads, dispatch, afterLong);
        } else {
            threads.start(dispatch);
        }
    }

    @Override
    public boolean isSliceLong(long now) {
        return LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.loop().group == group
                && carrier.isSliceLong(now);
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
            carrier.loop().enqueue(continuation, carrier.origin(continuation));
        } else {
            enqueue(continuation, LoopThreads.handsMonitorsOn() ? Origin.HANDED : Origin.ELSEWHERE);
        }
    }

    private void enqueue(Runnable continuation, Origin origin) {
        if (!open) {
            group.orphans().execute(continuation);
            return;
        }
        queue.add(continuation, origin);
        if (!wakeIfSleeping() && inSlice() && isWorthSharing(origin)) {
            group.search().begin();
        }
        if (!open) {
            // Closed meanwhile: the carrier may have emptied the queue before this came.
            handOverQueue();
        }
    }

    /** Whether what is queued behind a running slice is worth a wake-up: not where that ends within microseconds. */
    private boolean isWorthSharing(Origin origin) {
        return switch (origin) {
            case HANDED, RESUMED, STARTED -> !batchEnd.isWorthwhile();
            case FANNED_OUT, ELSEWHERE, AFTER_LONG -> true;
            case YIELDED -> false; // its slice has ended
        };
    }

    /** See {@link CurrentSlice#atBatchEnd}. */
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

    void runBatchEnd() {
        Runnable task;
        while ((task = batchEnd.poll()) != null) {
            runSlice(task);
        }
    }

    @Override
    public boolean wakeIfSleeping() {
        if (claimWakeUp()) {
            health.signal(times);
            return true;
        }
        return false;
    }

    /** Whether there is something to do that no socket and no timer brings. */
    boolean hasWork() {
        return hasQueued() || !batchEnd.isEmpty() || threads.hasLate();
    }

    @Override
    public void failed(Throwable t) {
        group.failed(Failures.Kind.ROUND, this, t);
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
        owner.start();
    }

    /** Runs on the calling carrier until the loop closes or has been handed to another. Throws nothing. */
    void run(Carrier carrier) {
        try {
            if (!runWhileOurs(carrier)) {
                owner.lost(carrier);
                return;
            }
            handOverQueue();
        } catch (Throwable t) {
            group.failed(Failures.Kind.CARRIER, this, t);
            if (!diesAsOwner(carrier)) {
                owner.lost(carrier);
                return;
            }
            health.orphaned(); // the monitor finds another
            if (open) {
                return;
            }
        }
        end.carrierLeft();
        group.left();
    }

    /** Whether the carrier that dies has the loop still. One that has lost it must not have it replaced once more. */
    boolean diesAsOwner(Carrier carrier) {
        return !carrier.isInSlice() || endSlice(carrier.turn());
    }

    /** False when the loop has been handed to another. */
    private boolean runWhileOurs(Carrier carrier) {
        long mine = turn();
        if (mine > 0) { // the carrier before is stuck
            batchEnd.ran(1, Long.MAX_VALUE);
            runBatchEnd();
        }
        while (open) {
            mine = slices.runSlices(carrier, mine);
            if (mine < 0) {
                return false;
            }
            // Once closed, perhaps by that very slice, no thread waits for this carrier, and the
            // poller's descriptors may belong to another file.
            if (open) {
                runBatchEnd();
                round();
            }
        }
        return true;
    }

    void runSlice(Runnable continuation) {
        try {
            continuation.run();
        } catch (Throwable t) {
            // A continuation hands its thread's exceptions to the thread's handler. This is the
            // JDK's.
            group.failed(Failures.Kind.CONTINUATION, this, t);
            threads.rescue(continuation, t);
        }
    }

    private void round() {
        try {
            comeRound();
            health.roundEnded();
        } catch (Throwable t) {
            health.roundFailed(t);
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
                first > now
                        && queue.isEmpty()
                        && batchEnd.isEmpty()
                        && health.isWell() // else it is so after a round, which must not last
                        && !group.hasWorkFor(this);
        int ready = idle ? sleep() : poller.await(0);
        int events = poller.dispatch(ready);
        timers.expire(now);
        if (threads.hasLate()) {
            threads.startLate();
        }
        counters.polled(events);
        if (events >= WORTH_SHARING) {
            group.search().begin();
        }
    }

    private int sleep() {
        fallAsleep();
        group.search().ended(this);
        long now = ticker.nanoTime();
        times.fallsAsleep(now);
        boolean nothingCame = queue.isEmpty() && batchEnd.isEmpty() && open;
        boolean nothingElsewhere = !group.hasWorkFor(this);
        long timeout = nothingCame && nothingElsewhere ? untilFirstTimer(now) : 0;
        try {
            return poller.await(timeout);
        } finally {
            // Before the events wake any thread: otherwise each sleep would end with a signal to
            // itself.
            awake();
            times.awake(ticker.nanoTime());
            group.loopAwake();
        }
    }

    private long untilFirstTimer(long now) {
        long first = timers.earliest();
        return threads.shorten(first == Long.MAX_VALUE ? -1 : Math.max(first - now, 0));
    }

    // ---- for neighbours and the monitor ---------------------------------------------------------

    /** Work for a neighbour that has none. */
    @Nullable Runnable giveAway() {
        return queue.isEmpty() ? null : queue.takeAny();
    }

    @Override
    public boolean hasQueued() {
        return !queue.isEmpty();
    }

    /** See {@link LoopOwner#handOver}. */
    boolean handOver(long stuckTurn, long since) {
        return owner.handOver(stuckTurn, since);
    }

    LoopOwner ownership() {
        return owner;
    }

    /** How many batches have had long slices so far. */
    int longBatches() {
        return batchEnd.longBatches();
    }

    /** Whether sockets or timers wait for the carrier to come round. */
    boolean hasEvents(long now) {
        return timers.earliest() <= now || poller.hasEvents();
    }

    boolean carrierIsBlocked() {
        return owner.isBlocked();
    }

    /** What is queued runs elsewhere: the carrier has not come back for long. Stall monitor only. */
    void helpQueue() {
        try {
            help.ask();
        } finally {
            runBatchEnd();
            threads.startLate();
        }
    }

    int queued() {
        return queue.size();
    }

    /** Walks the queue to count it, which holds up no thread. */
    LoopSnapshot snapshot() {
        long now = ticker.nanoTime();
        return counters.snapshot(this, owner.stuckFor(now), times.snapshot(now));
    }

    @Nullable Carrier owner() {
        return owner.current();
    }

    // ---- closing --------------------------------------------------------------------------------

    /** Stops taking work; what is queued, and what still comes, runs elsewhere. */
    void close() {
        open = false;
        awake();
        wakeClosed();
    }

    /** Ends the sleep of the closed loop. Once more, as long as its carrier has not left: a signal may fail. */
    void wakeClosed() {
        health.signal(times);
    }

    /** What is queued runs elsewhere: the loop has closed. */
    void handOverQueue() {
        Runnable continuation;
        while ((continuation = queue.takeAny()) != null) {
            group.orphans().execute(continuation);
        }
        runBatchEnd();
        threads.startLate();
    }

    /** Gives the descriptors back. The carrier has left, or does it when it leaves. */
    void release() {
        end.release();
    }

    @Override
    public String toString() {
        return "EventLoop[" + id + "]";
    }
}
