// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.EpollPoller;
import dev.netpoll.engine.internal.poll.ManualTicker;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * What a loop looks like from outside that sleeps though it has work, as {@code docs/diagnose.md} tells
 * it. It takes a kernel that loses a signal.
 */
class LostWakeUpTest {

    private final CountDownLatch asleep = new CountDownLatch(1);
    private volatile boolean losesSignals = true;

    @Test
    void aLoopThatSleepsOnItsWorkIsSeenInItsNumbers() throws Exception {
        var clock = new ManualTicker(1_000);
        Kernel kernel = losing(new LinuxKernel(new CarrierScratch()));
        var group = new LoopGroup(kernel, clock, "manual", 0, CarrierMode.LOOP);
        var loop =
                new EventLoop(
                        group, 0, new EpollPoller(kernel, clock, group.table(), group.errors()));
        var ran = new CountDownLatch(1);
        try {
            loop.startCarrier();
            Bounded.await(asleep);

            loop.execute(ran::countDown);
            LoopSnapshot before = loop.snapshot();
            clock.moveTo(clock.nanoTime() + Duration.ofHours(1).toNanos());
            LoopSnapshot after = loop.snapshot();

            assertThat(after.queued()).isEqualTo(1);
            assertThat(after.wakeUps()).as("somebody signalled").isEqualTo(1);
            assertThat(after.polls()).isEqualTo(before.polls());
            assertThat(after.slices()).isEqualTo(before.slices());
            assertThat(after.times().silent()).as("it believes that it sleeps").isZero();
            assertThat(after.times().slept()).isGreaterThanOrEqualTo(Duration.ofHours(1));
            assertThat(ran.getCount()).isEqualTo(1);
        } finally {
            losesSignals = false;
            loop.close();
            Bounded.join(loop.owner());
            loop.release();
            group.close();
        }
        Bounded.await(ran);
    }

    private Kernel losing(Kernel kernel) {
        return (Kernel)
                Proxy.newProxyInstance(
                        Kernel.class.getClassLoader(),
                        new Class<?>[] {Kernel.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("eventFdSignal") && losesSignals) {
                                return 0;
                            }
                            if (method.getName().equals("epollWait") && (long) arguments[2] < 0) {
                                asleep.countDown();
                            }
                            try {
                                return method.invoke(kernel, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
