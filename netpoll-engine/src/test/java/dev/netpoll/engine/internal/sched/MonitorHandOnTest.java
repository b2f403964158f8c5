// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which thread of the JDK's goes on with a virtual thread that waited for a monitor: it has no name in any API. */
class MonitorHandOnTest {

    private final List<Boolean> handedOn = new CopyOnWriteArrayList<>();

    private void execute(Runnable continuation) {
        handedOn.add(LoopThreads.handsMonitorsOn());
        Thread.ofPlatform().start(continuation);
    }

    @Test
    void aThreadThatWaitedForAMonitorIsToldFromOneThatBegins() {
        Object monitor = new Object();
        Thread waiting =
                LoopThreads.builder(this::execute)
                        .unstarted(
                                () -> {
                                    synchronized (monitor) {
                                        monitor.notifyAll();
                                    }
                                });
        synchronized (monitor) {
            waiting.start();
            Bounded.untilEqual(Thread.State.BLOCKED, waiting::getState);
            assertThat(handedOn).containsExactly(false);
        }
        Bounded.join(waiting);
        assertThat(handedOn).containsExactly(false, true);
    }
}
