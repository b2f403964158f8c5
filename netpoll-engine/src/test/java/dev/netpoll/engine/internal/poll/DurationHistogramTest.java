// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.stats.DurationCounts;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class DurationHistogramTest {

    private final DurationHistogram histogram = new DurationHistogram();

    @Test
    void theScaleGoesFromTenMicrosecondsToTenSeconds() {
        List<Duration> bounds = DurationCounts.bounds();

        assertThat(bounds).isSorted().hasSize(DurationCounts.BUCKETS - 1);
        assertThat(bounds.getFirst()).isEqualTo(Duration.ofNanos(10_000));
        assertThat(bounds.getLast()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aDurationFallsIntoTheFirstBucketThatReachesIt() {
        List<Duration> bounds = DurationCounts.bounds();
        for (int i = 0; i < bounds.size(); i++) {
            long bound = bounds.get(i).toNanos();
            assertThat(DurationCounts.bucket(bound)).isEqualTo(i);
            assertThat(DurationCounts.bucket(bound + 1)).isEqualTo(i + 1);
        }
        assertThat(DurationCounts.bucket(0)).isZero();
        assertThat(DurationCounts.bucket(Long.MAX_VALUE)).isEqualTo(DurationCounts.BUCKETS - 1);
    }

    @Test
    void whatTheLoopAndTheOthersCountAddsUp() {
        histogram.addOnLoop(5_000);
        histogram.addOnLoop(15_000);
        histogram.add(15_000);

        DurationCounts counts = histogram.counts();
        assertThat(counts.count(0)).isEqualTo(1);
        assertThat(counts.count(1)).isEqualTo(2);
        assertThat(counts.total()).isEqualTo(3);
        assertThat(counts.sum()).isEqualTo(Duration.ofNanos(35_000));
    }

    @Test
    void nothingIsLostBetweenOneLoopAndManyOthers() throws Exception {
        int each = 100_000;
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(
                    Thread.ofPlatform()
                            .start(
                                    () -> {
                                        for (int n = 0; n < each; n++) {
                                            histogram.add(1);
                                        }
                                    }));
        }
        for (int n = 0; n < each; n++) {
            histogram.addOnLoop(1);
        }
        for (Thread other : others) {
            other.join();
        }
        assertThat(histogram.counts().count(0)).isEqualTo(4L * each);
        assertThat(histogram.counts().sum()).isEqualTo(Duration.ofNanos(4L * each));
    }

    @Test
    void aLaterCountWithoutAnEarlierOneIsWhatCameBetween() {
        histogram.addOnLoop(5_000);
        DurationCounts earlier = histogram.counts();
        histogram.addOnLoop(5_000);
        histogram.addOnLoop(30_000);

        DurationCounts between = histogram.counts().since(earlier);
        assertThat(between.total()).isEqualTo(2);
        assertThat(between.sum()).isEqualTo(Duration.ofNanos(35_000));
        assertThat(between.plus(earlier)).isEqualTo(histogram.counts());
    }

    @Test
    void aQuantileIsTheBoundOfItsBucket() {
        assertThat(histogram.counts().quantile(0.99)).isZero();
        for (int i = 0; i < 99; i++) {
            histogram.add(15_000);
        }
        histogram.add(Long.MAX_VALUE / 2);

        assertThat(histogram.counts().quantile(0.5)).isEqualTo(Duration.ofNanos(20_000));
        assertThat(histogram.counts().quantile(0.99)).isEqualTo(Duration.ofNanos(20_000));
        assertThat(histogram.counts().quantile(1)).isEqualTo(Duration.ofSeconds(10));
    }
}
