// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a thread may know of its slice and do with it: on a loop's virtual threads, with a manual clock. */
class CurrentSliceTest {

    private final List<String> ran = new CopyOnWriteArrayList<>();

    private ManualLoops manual;

    @BeforeEach
    void open() throws IOException {
        manual = new ManualLoops(1);
    }

    @AfterEach
    void close() throws InterruptedException {
        manual.close();
    }

    @Test
    void aThreadThatHasRunForLongLetsOthersGoFirst() {
        afterASliceOf(BatchEnd.LONG_NANOS);
        assertThat(ran).containsExactly("other", "long");
    }

    @Test
    void aThreadThatHasNotGoesOn() {
        afterASliceOf(BatchEnd.LONG_NANOS - 1);
        assertThat(ran).containsExactly("long", "other");
    }

    /** After the yield it has a slice of its own, with a time of its own. */
    @Test
    void aThreadThatHasYieldedGoesOnUntilItHasRunForLongAgain() {
        EventLoop loop = manual.first();
        Thread first =
                loop.start(
                        "first",
                        () -> {
                            Thread other = loop.start("other", () -> ran.add("other"));
                            manual.pass(BatchEnd.LONG_NANOS);
                            CurrentSlice.yieldIfLong();
                            assertThat(other.isAlive()).isFalse();
                            Thread later = loop.start("later", () -> ran.add("later"));
                            CurrentSlice.yieldIfLong();
                            assertThat(later.isAlive()).isTrue();
                            ran.add("first");
                        });
        loop.startCarrier();
        Bounded.join(first);
        Bounded.untilEqual(List.of("other", "first", "later"), () -> List.copyOf(ran));
    }

    private void afterASliceOf(long nanos) {
        EventLoop loop = manual.first();
        Thread slow =
                loop.start(
                        "long",
                        () -> {
                            loop.start("other", () -> ran.add("other"));
                            manual.pass(nanos);
                            CurrentSlice.yieldIfLong();
                            ran.add("long");
                        });
        loop.startCarrier();
        Bounded.join(slow);
        Bounded.until(() -> ran.size() == 2, () -> ran);
    }

    @Test
    void whatIsNewComesInItsTurnAndWhatIsHandedOnComesNext() {
        EventLoop loop = manual.first();
        Thread first =
                loop.start(
                        "first",
                        () -> {
                            CurrentSlice.begin(loop, "new", () -> ran.add("new"));
                            CurrentSlice.begin(loop, "newer", () -> ran.add("newer"));
                            loop.start("handed", () -> ran.add("handed"));
                            loop.start("another", () -> ran.add("another"));
                        });
        loop.start("waiting", () -> ran.add("waiting"));
        loop.startCarrier();
        Bounded.join(first);
        Bounded.untilEqual(
                List.of("handed", "waiting", "new", "newer", "another"), () -> List.copyOf(ran));
    }

    @Test
    void whoNoLoopCarriesMayBeginSomethingToo() {
        EventLoop loop = manual.first();
        loop.startCarrier();
        Bounded.join(CurrentSlice.begin(loop, "new", () -> ran.add("new")));
        assertThat(ran).containsExactly("new");
    }

    @Test
    void aThreadThatNoLoopCarriesIsLeftAlone() {
        CurrentSlice.yieldIfLong();
        assertThat(CurrentSlice.atBatchEnd(() -> {})).isFalse();
    }
}
