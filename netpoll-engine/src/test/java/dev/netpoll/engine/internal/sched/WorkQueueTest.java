// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.sched.WorkQueue.Origin;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class WorkQueueTest {

    private final WorkQueue queue = new WorkQueue();
    private final List<String> ran = new ArrayList<>();

    private void add(String name, Origin origin) {
        queue.add(() -> ran.add(name), origin);
    }

    private List<String> drain() {
        Runnable next;
        while ((next = queue.poll()) != null) {
            next.run();
        }
        return ran;
    }

    @Test
    void whatWasWokenGoesBeforeWhatHasYieldedOrWasMadeByTheDozen() {
        add("forked 1", Origin.FANNED_OUT);
        add("yielded", Origin.YIELDED);
        add("woken 1", Origin.WOKEN);
        add("forked 2", Origin.FANNED_OUT);
        add("woken 2", Origin.ELSEWHERE);
        assertThat(drain())
                .containsExactly("woken 1", "woken 2", "forked 1", "yielded", "forked 2");
    }

    @Test
    void oneOfTheOthersGoesAfterSevenThatWereWokenHoweverManyMoreThereAre() {
        add("a", Origin.YIELDED);
        add("b", Origin.YIELDED);
        for (int i = 1; i <= 20; i++) {
            add("w" + i, Origin.WOKEN);
        }
        drain();
        assertThat(ran.indexOf("a")).isEqualTo(WorkQueue.WOKEN_IN_A_ROW);
        assertThat(ran.indexOf("b")).isEqualTo(2 * WorkQueue.WOKEN_IN_A_ROW + 1);
        assertThat(ran).hasSize(22);
    }

    @Test
    void socketsThatKeptACarrierForLongComeAfterThoseThatDidNot() {
        add("long", Origin.AFTER_LONG);
        add("short 1", Origin.WOKEN);
        add("short 2", Origin.WOKEN);
        assertThat(drain()).containsExactly("short 1", "short 2", "long");
    }

    @Test
    void itIsEmptyWhenBothAre() {
        assertThat(queue.isEmpty()).isTrue();
        add("a", Origin.YIELDED);
        assertThat(queue.isEmpty()).isFalse();
        add("b", Origin.WOKEN);
        assertThat(queue.size()).isEqualTo(2);
        drain();
        assertThat(queue.isEmpty()).isTrue();
    }
}
