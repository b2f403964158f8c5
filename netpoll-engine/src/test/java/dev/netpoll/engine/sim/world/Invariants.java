// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.SimulatedEngine;
import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.poll.SimulatedPolls;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.SimulatedLoops;
import dev.netpoll.engine.io.PollResult;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What must hold after each step, and what must hold when no thread can run: that nothing waits for what is
 * there.
 */
final class Invariants implements Scheduler.Surroundings {

    private static final int PEER_GONE = SimSocket.RDHUP | SimSocket.HUP | SimSocket.ERR;
    private static final int READABLE = SimSocket.IN | PEER_GONE;
    private static final int WRITABLE = SimSocket.OUT | SimSocket.HUP | SimSocket.ERR;

    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_LOOPS = 16;

    private final Scheduler scheduler;
    private final SimNetwork network;
    private final SimKernel kernel;
    private final List<PollDesc> watched = new ArrayList<>();
    private final long[] queuedSince = never();
    private final long[] asleepSince = never();
    private long steps;
    private @Nullable Service service;

    Invariants(Scheduler scheduler, SimNetwork network, SimKernel kernel) {
        this.scheduler = scheduler;
        this.network = network;
        this.kernel = kernel;
    }

    private static long[] never() {
        long[] all = new long[MOST_LOOPS];
        Arrays.fill(all, NEVER);
        return all;
    }

    void watch(Service begun) {
        service = begun;
        watched.add(begun.listenerDesc());
    }

    void watch(PollDesc desc) {
        watched.add(desc);
    }

    @Override
    public void happen(long now) {
        network.happen(now);
    }

    @Override
    public long next() {
        return network.next();
    }

    @Override
    public void afterStep() {
        if (service != null) {
            noneSleepsBesideWork(service);
            for (Conversation each : service.conversations) {
                each.reading.check();
                each.writing.check();
                peerIsGone(each);
            }
        }
    }

    /** A loop that has fallen asleep since has seen what its neighbours had queued all the time. */
    private void noneSleepsBesideWork(Service serving) {
        List<EventLoop> loops = SimulatedEngine.group(serving.engine).loops();
        steps++;
        for (int i = 0; i < loops.size(); i++) {
            queuedSince[i] = loops.get(i).hasQueued() ? Math.min(queuedSince[i], steps) : NEVER;
            asleepSince[i] = loops.get(i).isSleeping() ? Math.min(asleepSince[i], steps) : NEVER;
        }
        for (int i = 0; i < loops.size(); i++) {
            if (asleepSince[i] != NEVER && kernel.epolls.get(i).sleepsUntil() != 0) {
                for (int j = 0; j < loops.size(); j++) {
                    if (queuedSince[j] < asleepSince[i]) {
                        scheduler.violate(loops.get(i) + " sleeps beside work of " + loops.get(j));
                    }
                }
            }
        }
    }

    /** An event of another connection, of an old owner of the number, would show here. */
    private void peerIsGone(Conversation each) {
        SimSocket socket = each.socket;
        if (socket != null && each.desc.peerClosed() && (socket.everMask() & PEER_GONE) == 0) {
            scheduler.violate(each.desc + " has heard that its peer has closed, which has not");
        }
    }

    @Override
    public void quiescent(boolean computing) {
        if (computing || service == null) {
            return; // a loop may be stuck behind a computation
        }
        List<EventLoop> loops = SimulatedEngine.group(service.engine).loops();
        for (int i = 0; i < loops.size(); i++) {
            sleepsRightly(loops.get(i), kernel.epolls.get(i));
        }
        watched.removeIf(this::isOver);
        watched.forEach(this::nothingWaitsInVain);
        service.conversations.forEach(this::peerWatchIsTold);
    }

    private void sleepsRightly(EventLoop loop, SimEpoll epoll) {
        if (SimulatedLoops.queued(loop) > 0) {
            scheduler.violate(loop + " sleeps on its work");
        }
        long first = loop.timers().earliest();
        if (first < Actor.NEVER
                && epoll.sleepsUntil() - scheduler.preemption().lateness() > first) {
            scheduler.violate(loop + " sleeps past its first timer, " + first);
        }
    }

    private boolean isOver(PollDesc desc) {
        boolean over = desc.check(Mode.READ) == PollResult.CLOSING && !waits(desc);
        if (over && SimulatedPolls.isArmed(desc)) {
            scheduler.violate(desc + " is closed, and its timer is armed");
        }
        return over;
    }

    private static boolean waits(PollDesc desc) {
        return waits(desc, Mode.READ) || waits(desc, Mode.WRITE);
    }

    private static boolean waits(PollDesc desc, Mode mode) {
        return desc.hasParked(mode) || desc.hasDispatch(mode);
    }

    private void nothingWaitsInVain(PollDesc desc) {
        for (Mode mode : Mode.values()) {
            if (!waits(desc, mode)) {
                continue;
            }
            if (desc.check(mode) != PollResult.READY) {
                scheduler.violate(desc + " waits, and is told: " + desc.check(mode));
            }
            long deadline = desc.deadline(mode);
            if (deadline > 0 && deadline + scheduler.preemption().lateness() <= scheduler.now()) {
                scheduler.violate(desc + " waits beyond its deadline, " + deadline);
            }
            SimSocket socket = kernel.socketOf(desc.fd());
            int wanted = mode == Mode.READ ? READABLE : WRITABLE;
            if (socket != null && (socket.mask() & wanted) != 0) {
                scheduler.violate(
                        "A lost wake-up: %s waits to %s, and its socket is ready: %x"
                                .formatted(desc, mode, socket.mask()));
            }
        }
    }

    private void peerWatchIsTold(Conversation each) {
        SimSocket socket = each.socket;
        boolean gone = socket != null && (socket.mask() & PEER_GONE) != 0;
        if (gone
                && each.watching
                && each.peerWatched == 0
                && !each.connection.isClosed()
                && !each.isEngineClosed()) {
            scheduler.violate("The peer of " + each.desc + " has left, and the watch was not told");
        }
    }
}
