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
    private final List<Thread> carriers = new CopyOnWriteArrayList<>();

    private void execute(Runnable continuation) {
        handedOn.add(LoopThreads.handsMonitorsOn());
        carriers.add(Thread.ofPlatform().start(continuation));
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
            // Its state is BLOCKED while it is still on its way off, too: its own carrier would go
            // on with it.
            Bounded.join(carriers.getFirst());
            assertThat(waiting.getState()).isEqualTo(Thread.State.BLOCKED);
            assertThat(handedOn).containsExactly(false);
        }
        Bounded.join(waiting);
        assertThat(handedOn).containsExactly(false, true);
    }
}
