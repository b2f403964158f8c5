// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.internal.sched.WorkQueue.Origin;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/** What no carrier runs, with an executor that lacks memory as often as it is told. */
class OrphansTest {

    private final WorkQueue queue = new WorkQueue();
    private final List<Runnable> asked = new ArrayList<>();
    private int lacks;

    private ManualLoops manual;
    private Orphans orphans;
    private Orphans.Help help;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(0);
        Executor poor =
                task -> {
                    if (lacks-- > 0) {
                        throw new OutOfMemoryError("scripted");
                    }
                    asked.add(task);
                };
        orphans = new Orphans(manual.group, poor);
        help = new Orphans.Help(orphans, queue);
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
    }

    @Test
    void whatWasTakenIsTriedUntilThereIsMemory() {
        lacks = 3;
        orphans.execute(() -> {});
        assertThat(asked).hasSize(1);
        assertThat(lacks).isNegative();
    }

    /** It may hold the memory that lacks: its carrier, or the next help, has to find it. */
    @Test
    void helpThatLacksMemoryTakesNothing() {
        var ran = new CountDownLatch(2);
        queue.add(ran::countDown, Origin.HANDED);
        queue.add(ran::countDown, Origin.YIELDED);
        lacks = 1;
        assertThatThrownBy(help::ask).isInstanceOf(OutOfMemoryError.class);
        assertThat(queue.size()).isEqualTo(2);
        help.ask();
        asked.getFirst().run();
        Bounded.await(ran);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void helpIsAskedForOnceUntilAThreadHasCome() {
        help.ask();
        help.ask();
        assertThat(asked).hasSize(1);
        asked.getFirst().run();
        help.ask();
        assertThat(asked).hasSize(2);
    }

    @Test
    void aContinuationThatFailsKeepsNoneOfTheOthers() {
        var ran = new CountDownLatch(1);
        queue.add(
                () -> {
                    throw new IllegalStateException("scripted");
                },
                Origin.HANDED);
        queue.add(ran::countDown, Origin.YIELDED);
        help.ask();
        asked.getFirst().run();
        Bounded.await(ran);
    }
}
