// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deadlines by a manual clock, closing, and the watch for the peer's leaving. */
class PollDescTest {

    private final ManualTicker ticker = new ManualTicker(1_000);
    private final RecordingLoop loop = new RecordingLoop();
    private final TimerQueue timers = loop.timers();
    private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);

    private void clockReaches(long now) {
        ticker.moveTo(now);
        timers.expire(now);
    }

    // ---- deadlines ----------------------------------------------------------------------------

    @Test
    void aDeadlineFiresAtItsTimeAndNotBefore() {
        desc.setDeadline(Mode.READ, 2_000);
        clockReaches(1_999);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        clockReaches(2_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(desc.check(Mode.WRITE)).isEqualTo(PollResult.READY);
        assertThat(timers.size()).isZero();
    }

    @Test
    void aDeadlineMovedBackNeverFiresAtItsOldTime() {
        desc.setDeadline(Mode.READ, 2_000);
        desc.setDeadline(Mode.READ, 3_000);
        clockReaches(2_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        assertThat(timers.earliest()).isEqualTo(3_000);
        clockReaches(3_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void movingADeadlineBackLeavesTheTimerAlone() {
        desc.setDeadline(Mode.READ, 2_000);
        for (long when = 2_001; when < 3_000; when++) {
            desc.setDeadline(Mode.READ, when);
        }
        assertThat(timers.size()).isEqualTo(1);
        assertThat(timers.earliest()).isEqualTo(2_000);
        assertThat(loop.timersMoved).hasValue(1);
    }

    @Test
    void aDeadlineMovedForwardFiresAtItsNewTime() {
        desc.setDeadline(Mode.READ, 3_000);
        desc.setDeadline(Mode.READ, 2_000);
        assertThat(loop.timersMoved).hasValue(2);
        clockReaches(2_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDeadlineTakenAwayNeverFiresAndItsTimerDiesOut() {
        desc.setDeadline(Mode.READ, 2_000);
        desc.setDeadline(Mode.READ, PollDesc.NO_DEADLINE);
        clockReaches(5_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        assertThat(timers.size()).isZero();
    }

    @Test
    void anExpiryThatLooksWithAnOldValueDoesNothing() {
        desc.setDeadline(Mode.READ, 2_000);
        desc.setDeadline(Mode.READ, 3_000);
        desc.slot(Mode.READ).expire(2_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        assertThat(desc.deadline(Mode.READ)).isEqualTo(3_000);
    }

    @Test
    void bothDirectionsHaveTheirOwnDeadlineOnOneTimer() {
        desc.setDeadline(Mode.READ, 3_000);
        desc.setDeadline(Mode.WRITE, 2_000);
        assertThat(timers.size()).isEqualTo(1);
        clockReaches(2_000);
        assertThat(desc.check(Mode.WRITE)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        assertThat(timers.earliest()).isEqualTo(3_000);
        clockReaches(3_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDeadlineInThePastFailsPendingAndFutureIoUntilItIsMoved() throws Exception {
        Waiting<PollResult> pending = Waiting.in(desc, Mode.READ, () -> desc.await(Mode.READ));
        desc.setDeadline(Mode.READ, 500);
        assertThat(pending.result()).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        desc.event(Masks.IN);
        assertThat(desc.await(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(desc.await(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);

        desc.setDeadline(Mode.READ, 2_000);
        assertThat(desc.await(Mode.READ)).isEqualTo(PollResult.READY);
    }

    @ParameterizedTest
    @ValueSource(longs = {PollDesc.NO_DEADLINE, PollDesc.EXPIRED, 9_000})
    void aDeadlineInThePastHoldsAtOnceThoughAnEarlierTimerIsLate(long before) {
        desc.setDeadline(Mode.READ, 2_000);
        desc.setDeadline(Mode.READ, before);
        ticker.moveTo(5_000); // and the loop has not looked yet
        desc.setDeadline(Mode.READ, 4_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void theWordExpiredFailsIoAtOnce() throws Exception {
        Waiting<PollResult> pending = Waiting.in(desc, Mode.WRITE, () -> desc.await(Mode.WRITE));
        desc.setDeadline(Mode.WRITE, PollDesc.EXPIRED);
        assertThat(pending.result()).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        assertThat(timers.size()).isZero();
    }

    @Test
    void aDeadlineBelowZeroIsLongPast() {
        desc.setDeadline(Mode.READ, -5);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void theFurthestDeadlineOfAllNeverFires() {
        desc.setDeadline(Mode.READ, Long.MAX_VALUE);
        clockReaches(Long.MAX_VALUE - 1);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
    }

    @Test
    void anExpiredDeadlineMovedBackAndForthKeepsItsTimer() {
        desc.setDeadline(Mode.READ, 2_000);
        clockReaches(2_000);
        desc.setDeadline(Mode.READ, 4_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.READY);
        desc.setDeadline(Mode.READ, 3_000);
        clockReaches(3_000);
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    // ---- closing ------------------------------------------------------------------------------

    @Test
    void closingWakesBothWaitersOnceAndTakesTheTimerOut() throws Exception {
        desc.setDeadline(Mode.READ, 2_000);
        Waiting<PollResult> reading = Waiting.in(desc, Mode.READ, () -> desc.await(Mode.READ));
        Waiting<PollResult> writing = Waiting.in(desc, Mode.WRITE, () -> desc.await(Mode.WRITE));
        assertThat(desc.close()).isTrue();
        assertThat(reading.result()).isEqualTo(PollResult.CLOSING);
        assertThat(writing.result()).isEqualTo(PollResult.CLOSING);
        assertThat(timers.size()).isZero();
        assertThat(desc.close()).isFalse();
    }

    @Test
    void whatIsClosedArmsNoTimerAnyMore() {
        desc.close();
        desc.setDeadline(Mode.READ, 2_000);
        assertThat(timers.size()).isZero();
        assertThat(desc.check(Mode.READ)).isEqualTo(PollResult.CLOSING);
    }

    // ---- the end of a long slice ----------------------------------------------------------------

    private void armAndServe(Dispatch dispatch, boolean afterLong) {
        loop.longSlice = afterLong;
        desc.arm(Mode.READ, dispatch);
        loop.longSlice = false;
        desc.event(Masks.IN);
        desc.slot(Mode.READ).reset();
    }

    /** One may be the kernel's doing, which has run others on the processor meanwhile. */
    @Test
    void aDispatchArmedAtTheEndOfASecondLongSliceIsStartedAsSuch() {
        Dispatch dispatch = () -> {};
        armAndServe(dispatch, true);
        assertThat(loop.startedAfterLong).isEmpty();
        armAndServe(dispatch, true);
        assertThat(loop.started).containsExactly(dispatch, dispatch);
        assertThat(loop.startedAfterLong).containsExactly(dispatch);
    }

    @Test
    void theNextShortSliceMakesUpForIt() {
        Dispatch dispatch = () -> {};
        armAndServe(dispatch, true);
        armAndServe(dispatch, true);
        armAndServe(dispatch, false);
        armAndServe(dispatch, true);
        assertThat(loop.started).hasSize(4);
        assertThat(loop.startedAfterLong).containsExactly(dispatch);
    }

    @Test
    void armedWithTheEventThereAlreadyItIsStartedAsSuch() {
        Dispatch dispatch = () -> {};
        armAndServe(dispatch, true);
        desc.event(Masks.IN);
        loop.longSlice = true;
        desc.arm(Mode.READ, dispatch);
        assertThat(loop.startedAfterLong).containsExactly(dispatch);
    }

    /** It is armed once, though the slot is looked at twice. */
    @Test
    void armedAtTheEndOfAFirstLongSliceWithTheEventThereAlreadyItIsNot() {
        Dispatch dispatch = () -> {};
        desc.event(Masks.IN);
        loop.longSlice = true;
        desc.arm(Mode.READ, dispatch);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(loop.startedAfterLong).isEmpty();
    }

    // ---- the peer's leaving ---------------------------------------------------------------------

    @Test
    void finStartsTheWatchOnceAndMakesTheReaderReady() {
        Dispatch watch = () -> {};
        desc.watchHangup(watch);
        desc.event(Masks.IN);
        assertThat(loop.started).isEmpty();
        desc.event(Masks.IN | Masks.RDHUP);
        desc.event(Masks.IN | Masks.RDHUP);
        assertThat(loop.started).containsExactly(watch);
        assertThat(desc.peerClosed()).isTrue();
        assertThat(desc.slot(Mode.READ).hasEvent()).isTrue();
    }

    @Test
    void aResetAfterTheFinStartsTheWatchOnceMore() {
        Dispatch watch = () -> {};
        desc.watchHangup(watch);
        desc.event(Masks.IN | Masks.RDHUP);
        desc.event(Masks.IN | Masks.RDHUP | Masks.HUP);
        desc.event(Masks.IN | Masks.RDHUP | Masks.HUP);
        assertThat(loop.started).containsExactly(watch, watch);
    }

    @Test
    void aResetWithoutAFinStartsTheWatchOnce() {
        Dispatch watch = () -> {};
        desc.watchHangup(watch);
        desc.event(Masks.RDHUP | Masks.ERR | Masks.HUP);
        desc.event(Masks.RDHUP | Masks.ERR | Masks.HUP);
        assertThat(loop.started).containsExactly(watch);
    }

    @Test
    void aWatchTakenBackAfterTheFinIsNotStartedByTheReset() {
        Dispatch watch = () -> {};
        desc.watchHangup(watch);
        desc.event(Masks.RDHUP);
        assertThat(desc.unwatchHangup()).isTrue();
        desc.event(Masks.HUP);
        assertThat(loop.started).containsExactly(watch);
    }

    @Test
    void aFinThatComesWithTheBytesComesNoTimeAfterThem() {
        desc.event(Masks.IN | Masks.RDHUP, 5_000, 5_000);
        assertThat(desc.finAfterBytes()).isZero();
    }

    @Test
    void aFinIsAsOldAsThePollBeforeTheOneThatSawIt() {
        desc.event(Masks.IN, 5_000, 5_000);
        desc.event(Masks.IN | Masks.RDHUP, 9_000, 6_000);
        assertThat(desc.finAfterBytes()).isEqualTo(1_000);
    }

    @Test
    void aFinIsMeasuredFromTheLastBytesAndOnlyOnce() {
        desc.event(Masks.IN, 1_000, 1_000);
        desc.event(Masks.IN, 5_000, 5_000);
        desc.event(Masks.IN | Masks.RDHUP, 9_000, 9_000);
        desc.event(Masks.IN | Masks.RDHUP | Masks.HUP, 90_000, 90_000);
        assertThat(desc.finAfterBytes()).isEqualTo(4_000);
    }

    @Test
    void aWatchThatComesAfterTheFinStartsAtOnce() {
        Dispatch watch = () -> {};
        desc.event(Masks.RDHUP);
        desc.watchHangup(watch);
        assertThat(loop.started).containsExactly(watch);
    }

    @Test
    void aWatchTakenBackIsNotStarted() {
        desc.watchHangup(() -> {});
        assertThat(desc.unwatchHangup()).isTrue();
        assertThat(desc.unwatchHangup()).isFalse();
        desc.event(Masks.RDHUP);
        assertThat(loop.started).isEmpty();
    }

    @Test
    void aWatchThatHasStartedCannotBeTakenBack() {
        desc.watchHangup(() -> {});
        desc.event(Masks.HUP);
        assertThat(desc.unwatchHangup()).isFalse();
    }

    @Test
    void aResetWatchIsNotStartedByFinAlone() {
        Dispatch watch = () -> {};
        desc.watchReset(watch);
        desc.event(Masks.IN | Masks.RDHUP);
        assertThat(loop.started).isEmpty();
        desc.event(Masks.ERR | Masks.HUP);
        assertThat(loop.started).containsExactly(watch);
    }

    @Test
    void errorAndHangupMakeBothDirectionsReady() {
        desc.event(Masks.ERR);
        assertThat(desc.slot(Mode.READ).hasEvent()).isTrue();
        assertThat(desc.slot(Mode.WRITE).hasEvent()).isTrue();
        assertThat(desc.hungUp()).isTrue();
        assertThat(desc.peerClosed()).isTrue();
    }

    @Test
    void finLeavesTheWriterAlone() {
        desc.event(Masks.IN | Masks.RDHUP);
        assertThat(desc.slot(Mode.WRITE).hasEvent()).isFalse();
        assertThat(desc.hungUp()).isFalse();
    }

    @Test
    void closingForgetsTheWatch() {
        desc.watchHangup(() -> {});
        desc.close();
        desc.event(Masks.RDHUP);
        assertThat(loop.started).isEmpty();
    }
}
