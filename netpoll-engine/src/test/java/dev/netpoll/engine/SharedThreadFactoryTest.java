// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/** Threads for executors of others: on the loops while there are some. */
class SharedThreadFactoryTest {

    private static final String NAME = "shared-threads";

    private final ThreadFactory threads = NetpollEngine.sharedThreadFactory();

    @Test
    void itsThreadsAreCarriedByTheSharedEngine() throws Exception {
        NetpollEngine shared = NetpollEngine.acquire(new EngineConfig(NAME, 1, CarrierMode.LOOP));
        try {
            assertThat(whereItRuns()).contains("@" + NAME);
        } finally {
            shared.release();
        }
    }

    @Test
    void withoutAnEngineTheyAreTheJdks() throws Exception {
        assertThat(whereItRuns()).contains("@ForkJoinPool");
    }

    @Test
    void itsThreadsAreNotStarted() {
        assertThat(threads.newThread(() -> {}).getState()).isEqualTo(Thread.State.NEW);
    }

    /** A virtual thread's description names its carrier. */
    private String whereItRuns() throws Exception {
        var where = new CompletableFuture<String>();
        Thread thread = threads.newThread(() -> where.complete(Thread.currentThread().toString()));
        thread.start();
        assertThat(thread.isVirtual()).isTrue();
        return Bounded.value(where);
    }
}
