// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Timer;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Ticker;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Where carriers and the virtual threads they carry want the same lock. A free monitor whose heir is
 * an unmounted virtual thread is not taken by the carrier that waits behind it (JDK 25.0.3), and that
 * carrier is the one who would have to run the heir.
 */
class MonitorHeirTest {

    private LoopGroup group;

    @BeforeEach
    void start() throws IOException {
        group =
                new LoopGroup(
                        new LinuxKernel(new CarrierScratch()),
                        Ticker.system(),
                        "heir-test",
                        1,
                        CarrierMode.LOOP);
    }

    @AfterEach
    void close() {
        group.close();
    }

    @Test
    void aCarrierBlockedBehindItsOwnVirtualThreadIsHelpedOut() throws Exception {
        EventLoop loop = group.loops().getFirst();
        var monitor = new Object();
        var held = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        Thread holder =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    synchronized (monitor) {
                                        held.countDown();
                                        Bounded.await(release);
                                    }
                                });
        Bounded.await(held);

        Thread heir = loop.start("heir", () -> enter(monitor));
        Bounded.until("the heir waits", () -> heir.getState() == Thread.State.BLOCKED);
        var fired = new CountDownLatch(1);
        loop.arm(
                new Timer() {
                    @Override
                    protected void fire(long now) {
                        enter(monitor); // what no timer of ours does, and the JDK's code may
                        fired.countDown();
                    }
                },
                loop.now());
        Carrier carrier = loop.owner();
        Bounded.until(
                "the carrier waits behind it", () -> carrier.getState() == Thread.State.BLOCKED);

        release.countDown();
        Bounded.join(heir);
        Bounded.await(fired);
        Bounded.join(holder);
        var alive = new CountDownLatch(1);
        loop.start("after", alive::countDown);
        Bounded.await(alive);
    }

    private static void enter(Object monitor) {
        synchronized (monitor) {
            Thread.onSpinWait();
        }
    }

    /** Each round both arms a timer from outside and has the carrier arm and fire some. */
    @Test
    void theTimersAreSharedByCarriersAndThreadsWithoutEitherWaitingForEver() throws Exception {
        EventLoop loop = group.loops().getFirst();
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            var task = new FutureTask<>(() -> armAndSleep(loop, 2_000));
            tasks.add(task);
            if (i % 4 == 0) {
                Thread.ofPlatform().daemon().start(task);
            } else {
                loop.start("arming", task);
            }
        }
        for (FutureTask<Integer> task : tasks) {
            assertThat(task.get(30, TimeUnit.SECONDS)).isEqualTo(2_000);
        }
        Bounded.until("no timer is left", () -> loop.timers().size() == 0);
    }

    private static int armAndSleep(EventLoop loop, int rounds) {
        Timer timer =
                new Timer() {
                    @Override
                    protected void fire(long now) {}
                };
        for (int i = 0; i < rounds; i++) {
            loop.arm(timer, loop.now() + 20_000 + i % 7 * 1_000);
            if (i % 3 == 0) {
                LockSupport.parkNanos(10_000);
            }
            if (i % 2 == 0) {
                loop.timers().cancel(timer);
            }
        }
        loop.timers().cancel(timer);
        return rounds;
    }
}
