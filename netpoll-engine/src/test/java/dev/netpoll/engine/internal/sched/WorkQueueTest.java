// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.sched.WorkQueue.Origin;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.List;

class WorkQueueTest {

    private final WorkQueue queue = new WorkQueue();
    private final List<String> ran = new ArrayList<>();

    private void add(String name, Origin origin) {
        queue.add(() -> ran.add(name), origin);
    }

    /** What the owner of a loop whose slices are short takes next. */
    private @Nullable Runnable poll() {
        return queue.poll(0, true, true);
    }

    private List<String> drain() {
        Runnable next;
        while ((next = poll()) != null) {
            next.run();
        }
        return ran;
    }

    @Test
    void whatHasBegunIsEndedBeforeMoreBeginsAndTheRestComesLast() {
        add("forked 1", Origin.FANNED_OUT);
        add("yielded", Origin.YIELDED);
        add("request 1", Origin.STARTED);
        add("answered 1", Origin.RESUMED);
        add("forked 2", Origin.FANNED_OUT);
        add("request 2", Origin.ELSEWHERE);
        add("answered 2", Origin.RESUMED);
        add("handed", Origin.HANDED);
        assertThat(drain())
                .containsExactly(
                        "handed",
                        "answered 2",
                        "answered 1",
                        "request 1",
                        "request 2",
                        "forked 1",
                        "yielded",
                        "forked 2");
    }

    @Test
    void aSecondThreadThatIsHandedSomethingGoesAfterTheFirst() {
        add("answered", Origin.RESUMED);
        add("handed 1", Origin.HANDED);
        add("handed 2", Origin.HANDED);
        assertThat(queue.size()).isEqualTo(3);
        assertThat(drain()).containsExactly("handed 1", "handed 2", "answered");
    }

    /** However many go first, each of the others goes on: those that have waited longest. */
    @Test
    void noneStarvesBehindThoseThatGoFirst() {
        add("oldest", Origin.RESUMED);
        add("request", Origin.STARTED);
        add("yielded", Origin.YIELDED);
        for (int i = 0; i < 3 * WorkQueue.TURNS; i++) {
            add("handed", Origin.HANDED);
            add("answered", Origin.RESUMED);
            Runnable next = poll();
            assertThat(next).isNotNull();
            next.run();
        }
        assertThat(ran).contains("oldest", "request", "yielded");
        assertThat(ran.stream().filter(name -> !name.equals("handed"))).hasSize(3);
    }

    @Test
    void aTurnThatOneKindDoesNotNeedIsAnothers() {
        add("yielded 1", Origin.YIELDED);
        add("yielded 2", Origin.YIELDED);
        for (int i = 0; i < 3 * WorkQueue.TURNS; i++) {
            add("request", Origin.STARTED);
        }
        drain();
        assertThat(ran.indexOf("yielded 1")).isLessThan(2 * WorkQueue.TURNS);
        assertThat(ran.indexOf("yielded 2")).isLessThan(3 * WorkQueue.TURNS);
    }

    @Test
    void socketsThatKeptACarrierForLongComeAfterThoseThatDidNot() {
        add("long", Origin.AFTER_LONG);
        add("short 1", Origin.STARTED);
        add("short 2", Origin.STARTED);
        assertThat(drain()).containsExactly("short 1", "short 2", "long");
    }

    @Test
    void whereSlicesAreLongTheLastKindComesOnlyAfterALookAtTheSockets() {
        add("long", Origin.AFTER_LONG);
        assertThat(queue.poll(0, false, false)).isNull();
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.poll(0, false, true)).isNotNull();
    }

    /** Turns are for the case that there is no end of short ones, which have had their time by then. */
    @Test
    void whereSlicesAreLongTheLastKindHasATurnWhenTheOthersHaveHadTheirTime() {
        add("long 1", Origin.AFTER_LONG);
        add("long 2", Origin.AFTER_LONG);
        long now = 7_000_000;
        assertThat(longWithin(now, WorkQueue.OTHERS_NANOS - 1)).as("none has waited").isFalse();
        now += 2 * WorkQueue.OTHERS_NANOS;
        assertThat(longWithin(now, 0)).isTrue();
        now += 5_000_000; // it ran for so long
        assertThat(longWithin(now, WorkQueue.OTHERS_NANOS - 1)).as("one has run").isFalse();
        assertThat(longWithin(now + 2 * WorkQueue.OTHERS_NANOS, 0)).isTrue();
        assertThat(ran.stream().filter(name -> name.startsWith("long")))
                .containsExactly("long 1", "long 2");
    }

    /** Whether one of the last kind runs among as many short ones as all kinds need to have had a turn. */
    private boolean longWithin(long from, long nanos) {
        int turns = 3 * WorkQueue.TURNS;
        for (int i = 0; i < turns; i++) {
            add("short", Origin.STARTED);
            Runnable next = queue.poll(from + nanos * i / turns, false, true);
            assertThat(next).isNotNull();
            next.run();
            if (ran.getLast().startsWith("long")) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aNeighbourTakesTheLastKindToo() {
        add("long", Origin.AFTER_LONG);
        add("short", Origin.STARTED);
        for (Runnable next = queue.takeAny(); next != null; next = queue.takeAny()) {
            next.run();
        }
        assertThat(ran).containsExactly("short", "long");
    }

    @ParameterizedTest
    @EnumSource
    void itIsEmptyWhenNothingWaitsWhateverItWas(Origin origin) {
        assertThat(queue.isEmpty()).isTrue();
        add("a", origin);
        assertThat(queue.isEmpty()).isFalse();
        assertThat(queue.size()).isEqualTo(1);
        drain();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.size()).isZero();
    }
}
