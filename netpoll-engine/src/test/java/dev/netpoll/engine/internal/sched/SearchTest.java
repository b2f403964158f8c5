// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.List;

class SearchTest {

    private final Loop first = new Loop();
    private final Loop second = new Loop();
    private final Loop third = new Loop();
    private final Search search = new Search(List.of(first, second, third));

    private static final class Loop implements Neighbour {

        boolean sleeping = true;
        boolean queued;
        int wokenUp;

        @Override
        public boolean isSleeping() {
            return sleeping;
        }

        @Override
        public boolean wakeIfSleeping() {
            boolean was = sleeping;
            sleeping = false;
            wokenUp += was ? 1 : 0;
            return was;
        }

        @Override
        public boolean hasQueued() {
            return queued;
        }
    }

    @Test
    void oneLoopIsWokenAndNoOtherWhileItSearches() {
        first.sleeping = false;
        first.queued = true;
        assertThat(search.begin()).isTrue();
        assertThat(search.begin()).isFalse();
        assertThat(second.wokenUp).isEqualTo(1);
        assertThat(third.wokenUp).isZero();
    }

    @Test
    void theOneThatHasFoundWorkWakesTheNextIfThereIsMore() {
        first.sleeping = false;
        first.queued = true;
        search.begin();
        search.found(second);
        assertThat(third.wokenUp).isEqualTo(1);
        search.found(second);
        assertThat(search.ended(third)).as("it is the third's search now").isTrue();
    }

    @Test
    void theOneThatHasFoundTheLastOfItWakesNone() {
        first.sleeping = false;
        search.begin();
        search.found(second);
        assertThat(third.wokenUp).isZero();
        search.begin();
        assertThat(third.wokenUp).as("the search is over").isEqualTo(1);
    }

    @Test
    void whereNoneSleepsNoneSearches() {
        first.sleeping = false;
        second.sleeping = false;
        third.sleeping = false;
        assertThat(search.begin()).isFalse();
        third.sleeping = true;
        assertThat(search.begin()).isTrue();
    }

    @Test
    void aLoopThatNeverComesToAnythingKeepsTheSearchUntilTheMonitorBeginsAgain() {
        first.sleeping = false;
        search.begin();
        assertThat(search.begin()).isFalse();
        assertThat(search.beginAgain()).isTrue();
        assertThat(third.wokenUp).isEqualTo(1);
    }

    @Test
    void aLoopThatHasWokenByItselfIsNoneToWake() {
        first.sleeping = false;
        second.sleeping = false;
        var wakesMeanwhile =
                new Neighbour() {
                    @Override
                    public boolean isSleeping() {
                        return true;
                    }

                    @Override
                    public boolean wakeIfSleeping() {
                        return false;
                    }

                    @Override
                    public boolean hasQueued() {
                        return false;
                    }
                };
        var other = new Search(List.of(first, wakesMeanwhile));
        assertThat(other.begin()).isFalse();
        assertThat(other.ended(wakesMeanwhile)).as("none is left searching").isFalse();
    }
}
