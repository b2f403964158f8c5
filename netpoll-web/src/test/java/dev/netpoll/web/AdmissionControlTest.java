// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.Deadline;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class AdmissionControlTest {

    private static final String ROUTE = "GET /reports/{id}";

    private final ManualRuntime time = new ManualRuntime();

    private AdmissionControl control(int places, boolean byTime) {
        return new AdmissionControl(
                new AdmissionControl.Settings(places, byTime, Duration.ofSeconds(1)), time);
    }

    private Deadline in(long millis) {
        return Deadline.after(Duration.ofMillis(millis), time);
    }

    private static void succeed(AdmissionControl control, int times, long millis) {
        for (int i = 0; i < times; i++) {
            control.succeeded(ROUTE, Duration.ofMillis(millis));
        }
    }

    @Test
    void moreThanThereArePlacesForAreRefused() {
        AdmissionControl control = control(2, false);
        assertThat(control.tryEnter()).isTrue();
        assertThat(control.tryEnter()).isTrue();
        assertThat(control.tryEnter()).isFalse();
        assertThat(control.statistics().running()).isEqualTo(2);
        assertThat(control.statistics().refusedBusy()).isEqualTo(1);
    }

    @Test
    void aPlaceThatIsLeftIsTakenAgain() {
        AdmissionControl control = control(1, false);
        assertThat(control.tryEnter()).isTrue();
        control.leave();
        assertThat(control.tryEnter()).isTrue();
    }

    @Test
    void withoutALimitEverybodyEnters() {
        AdmissionControl control = control(0, true);
        for (int i = 0; i < 1_000; i++) {
            assertThat(control.tryEnter()).isTrue();
        }
    }

    @Test
    void tooLittleTimeIsRefusedButForOneProbeASecond() {
        AdmissionControl control = control(0, true);
        succeed(control, 16, 100);
        assertThat(control.hasTime(ROUTE, in(99))).as("the first probe").isTrue();
        assertThat(control.hasTime(ROUTE, in(99))).isFalse();
        assertThat(control.hasTime(ROUTE, in(100))).isTrue();
        time.advance(Duration.ofSeconds(1));
        assertThat(control.hasTime(ROUTE, in(99))).as("the next probe").isTrue();
        assertThat(control.hasTime(ROUTE, in(99))).isFalse();
        assertThat(control.statistics().refusedLate()).isEqualTo(2);
        assertThat(control.statistics().needed()).containsEntry(ROUTE, Duration.ofMillis(100));
    }

    @Test
    void aFewSlowOnesAmongManyDoNotCount() {
        AdmissionControl control = control(0, true);
        succeed(control, 40, 10);
        succeed(control, 20, 60_000);
        assertThat(control.statistics().needed()).containsEntry(ROUTE, Duration.ofMillis(10));
    }

    @Test
    void theEstimateFollowsWhatRequestsNeedNow() {
        AdmissionControl control = control(0, true);
        succeed(control, 64, 1_000);
        succeed(control, 64, 10);
        assertThat(control.hasTime(ROUTE, in(20))).isTrue();
        assertThat(control.statistics().refusedLate()).isZero();
    }

    @Test
    void littleIsKnownOfARouteAtFirst() {
        AdmissionControl control = control(0, true);
        succeed(control, 15, 1_000);
        assertThat(control.hasTime(ROUTE, in(1))).isTrue();
        assertThat(control.statistics().needed()).isEmpty();
    }

    @Test
    void withoutADeadlineThereIsTime() {
        AdmissionControl control = control(0, true);
        succeed(control, 64, 1_000);
        assertThat(control.hasTime(ROUTE, null)).isTrue();
    }

    @Test
    void timeIsNoReasonUnlessAskedFor() {
        AdmissionControl control = control(5, false);
        succeed(control, 64, 1_000);
        assertThat(control.hasTime(ROUTE, in(1))).isTrue();
        assertThat(control.statistics().needed()).isEmpty();
    }
}
