// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.ManualTicker;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.Bounded;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;

/**
 * Loops on a clock that stands still, of a group that does not know them: so nobody looks after them,
 * steals from them or starts their carriers but the test.
 */
final class ManualLoops implements AutoCloseable {

    final ManualTicker clock = new ManualTicker(1_000);
    final LoopGroup group;
    final List<EventLoop> loops = new ArrayList<>();

    ManualLoops(int count) throws IOException {
        this(count, new LinuxKernel(new CarrierScratch()), UnaryOperator.identity());
    }

    /** @param around what stands around the factory of the loops' threads */
    ManualLoops(int count, Kernel kernel, UnaryOperator<ThreadFactory> around) throws IOException {
        group = new LoopGroup(kernel, clock, "manual", 0, CarrierMode.LOOP);
        for (int i = 0; i < count; i++) {
            var poller = new EpollPoller(kernel, clock, group.table(), group.errors());
            loops.add(new EventLoop(group, i, poller, around));
        }
    }

    EventLoop first() {
        return loops.getFirst();
    }

    void pass(long nanos) {
        clock.moveTo(clock.nanoTime() + nanos);
    }

    /** Until the loop has looked at its timers, with the clock as it is now. */
    static void turnAround(EventLoop loop) {
        long before = loop.counters().polls();
        // The poll under way, one that began before the timers were looked at, and one after.
        Bounded.until(
                "it came round",
                () -> {
                    loop.wakeIfSleeping();
                    return loop.counters().polls() >= before + 3;
                });
    }

    /** Closes the loop; its carrier must not be in a slice any more, or end it. */
    void close(EventLoop loop) throws InterruptedException {
        loop.close();
        Carrier owner = loop.owner();
        if (owner != null) {
            Bounded.join(owner);
        }
        loop.release();
    }

    @Override
    public void close() throws InterruptedException {
        for (EventLoop loop : loops) {
            if (loop.isOpen()) {
                close(loop);
            }
        }
        Bounded.until("the carriers have left", () -> group.carriers() == 0);
        group.close();
    }
}
