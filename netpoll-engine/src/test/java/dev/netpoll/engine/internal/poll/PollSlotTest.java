// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.locks.LockSupport;

/** Every transition of the slot's table, in both directions. */
@ParameterizedClass
@EnumSource(Mode.class)
class PollSlotTest {

    private static final int EVENT = Masks.IN | Masks.OUT;

    private final Mode mode;
    private final ManualTicker ticker = new ManualTicker(1_000);
    private final RecordingLoop loop = new RecordingLoop();
    private final PollDesc desc = new PollDesc(loop, ticker, 7, 1);
    private final PollSlot slot;

    PollSlotTest(Mode mode) {
        this.mode = mode;
        this.slot = desc.slot(mode);
    }

    private Waiting<PollResult> waiting() {
        return Waiting.in(desc, mode, () -> desc.await(mode));
    }

    // ---- events -----------------------------------------------------------------------------

    @Test
    void anEventStaysUntilAWaitConsumesIt() {
        desc.event(EVENT);
        desc.event(EVENT);
        assertThat(slot.hasEvent()).isTrue();
        assertThat(desc.await(mode)).isEqualTo(PollResult.READY);
        assertThat(slot.hasEvent()).isFalse();
    }

    @Test
    void resetForgetsAnEventAndNothingElse() throws Exception {
        desc.event(EVENT);
        slot.reset();
        assertThat(slot.hasEvent()).isFalse();

        Waiting<PollResult> waiting = waiting();
        slot.reset();
        assertThat(slot.hasParked()).isTrue();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
    }

    @Test
    void anEventWakesTheParkedThreadWhichConsumesIt() throws Exception {
        Waiting<PollResult> waiting = waiting();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void anEventForTheOtherDirectionWakesNobody() throws Exception {
        Waiting<PollResult> waiting = waiting();
        desc.event(mode == Mode.READ ? Masks.OUT : Masks.IN);
        assertThat(slot.hasParked()).isTrue();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
    }

    @Test
    void anUnparkThatIsNoEventLeavesTheThreadWaiting() throws Exception {
        Waiting<PollResult> waiting = waiting();
        LockSupport.unpark(waiting.thread());
        LockSupport.unpark(waiting.thread());
        Bounded.until("parked again", () -> waiting.thread().getState() == Thread.State.WAITING);
        assertThat(slot.hasParked()).isTrue();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
    }

    @Test
    void readingAndWritingWaitAtOnceAndApart() throws Exception {
        Waiting<PollResult> reading = Waiting.in(desc, Mode.READ, () -> desc.await(Mode.READ));
        Waiting<PollResult> writing = Waiting.in(desc, Mode.WRITE, () -> desc.await(Mode.WRITE));
        desc.event(Masks.IN);
        assertThat(reading.result()).isEqualTo(PollResult.READY);
        assertThat(desc.hasParked(Mode.WRITE)).isTrue();
        desc.event(Masks.OUT);
        assertThat(writing.result()).isEqualTo(PollResult.READY);
    }

    // ---- expiry, closing, interrupt -------------------------------------------------------------

    @Test
    void expiryWakesTheParkedThreadAsExceeded() throws Exception {
        Waiting<PollResult> waiting = waiting();
        desc.setDeadline(mode, 2_000);
        loop.timers().expire(2_000);
        assertThat(waiting.result()).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void closingWakesTheParkedThreadAsClosing() throws Exception {
        Waiting<PollResult> waiting = waiting();
        desc.close();
        assertThat(waiting.result()).isEqualTo(PollResult.CLOSING);
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void whatIsExpiredAndClosedSaysClosing() {
        desc.setDeadline(mode, PollDesc.EXPIRED);
        assertThat(desc.await(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        desc.close();
        assertThat(desc.await(mode)).isEqualTo(PollResult.CLOSING);
    }

    @Test
    void anInterruptEndsTheWaitAndStaysSet() throws Exception {
        Waiting<PollResult> waiting = waiting();
        waiting.thread().interrupt();
        assertThat(waiting.result()).isEqualTo(PollResult.INTERRUPTED);
        assertThat(waiting.endedInterrupted()).isTrue();
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void anInterruptBeforehandEndsTheWaitToo() {
        Thread.currentThread().interrupt();
        try {
            assertThat(desc.await(mode)).isEqualTo(PollResult.INTERRUPTED);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void anEventThatIsThereComesBeforeAnInterrupt() {
        desc.event(EVENT);
        Thread.currentThread().interrupt();
        try {
            assertThat(desc.await(mode)).isEqualTo(PollResult.READY);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aThreadEvictedForADeadlineThatHasMovedWaitsOn() throws Exception {
        Waiting<PollResult> waiting = waiting();
        slot.evict();
        Bounded.until("parked again", () -> waiting.thread().getState() == Thread.State.WAITING);
        assertThat(slot.hasParked()).isTrue();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
    }

    // ---- two at once ----------------------------------------------------------------------------

    @Test
    void aSecondWaitingThreadIsALoudErrorAndTheFirstGoesOnWaiting() throws Exception {
        Waiting<PollResult> first = waiting();
        assertThatThrownBy(() -> desc.await(mode))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Two waiters at once")
                .hasMessageContaining("fd=7");
        desc.event(EVENT);
        assertThat(first.result()).isEqualTo(PollResult.READY);
    }

    @Test
    void aThreadThatWaitsWhileADispatchIsArmedIsALoudError() {
        desc.arm(mode, () -> {});
        assertThatThrownBy(() -> desc.await(mode)).isInstanceOf(IllegalStateException.class);
        assertThat(slot.hasDispatch()).isTrue();
    }

    @Test
    void aSecondDispatchIsALoudErrorAndTheFirstStaysArmed() {
        Dispatch first = () -> {};
        Dispatch second = () -> {};
        desc.arm(mode, first);
        assertThatThrownBy(() -> desc.arm(mode, second)).isInstanceOf(IllegalStateException.class);
        desc.event(EVENT);
        assertThat(loop.started).containsExactly(first);
    }

    @Test
    void aDispatchIsRefusedWhileAThreadWaitsWhichHasTheEvent() throws Exception {
        Waiting<PollResult> waiting = waiting();
        assertThat(desc.arm(mode, () -> {})).isFalse();
        desc.event(EVENT);
        assertThat(waiting.result()).isEqualTo(PollResult.READY);
        assertThat(loop.started).isEmpty();
    }

    // ---- the armed dispatch

    @Test
    void anArmedDispatchStartsOnceAndFindsTheEvent() {
        Dispatch dispatch = () -> {};
        assertThat(desc.arm(mode, dispatch)).isTrue();
        assertThat(desc.arm(mode, dispatch)).isTrue();
        assertThat(loop.started).isEmpty();
        desc.event(EVENT);
        desc.event(EVENT);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(slot.hasEvent()).isTrue();
    }

    @Test
    void aDispatchArmedAfterTheEventStartsAtOnce() {
        Dispatch dispatch = () -> {};
        desc.event(EVENT);
        desc.arm(mode, dispatch);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(slot.hasEvent()).isTrue();
    }

    @Test
    void expiryStartsTheArmedDispatch() {
        Dispatch dispatch = () -> {};
        desc.setDeadline(mode, 2_000);
        desc.arm(mode, dispatch);
        loop.timers().expire(2_000);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(desc.check(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDispatchArmedAfterExpiryStartsAtOnce() {
        Dispatch dispatch = () -> {};
        desc.setDeadline(mode, PollDesc.EXPIRED);
        desc.arm(mode, dispatch);
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(slot).hasToString("NIL");
    }

    @Test
    void closingStartsTheArmedDispatchOnce() {
        Dispatch dispatch = () -> {};
        desc.arm(mode, dispatch);
        assertThat(desc.close()).isTrue();
        assertThat(desc.close()).isFalse();
        assertThat(loop.started).containsExactly(dispatch);
        assertThat(desc.check(mode)).isEqualTo(PollResult.CLOSING);
    }

    @Test
    void aDispatchArmedAfterClosingStartsAtOnce() {
        Dispatch dispatch = () -> {};
        desc.close();
        desc.arm(mode, dispatch);
        assertThat(loop.started).containsExactly(dispatch);
    }

    @Test
    void disarmingPreventsTheStartAndSaysSo() {
        Dispatch dispatch = () -> {};
        desc.arm(mode, dispatch);
        assertThat(desc.disarm(mode, dispatch)).isTrue();
        desc.event(EVENT);
        desc.close();
        assertThat(loop.started).isEmpty();
    }

    @Test
    void disarmingWhatHasStartedOrIsAnothersSaysNo() {
        Dispatch started = () -> {};
        desc.arm(mode, started);
        desc.event(EVENT);
        assertThat(desc.disarm(mode, started)).isFalse();
        slot.reset();

        Dispatch armed = () -> {};
        desc.arm(mode, armed);
        assertThat(desc.disarm(mode, started)).isFalse();
        assertThat(slot.hasDispatch()).isTrue();
    }

    @Test
    void aDispatchEvictedForADeadlineThatHasMovedStaysArmedAndCanBeDisarmed() {
        Dispatch dispatch = () -> {};
        desc.arm(mode, dispatch);
        slot.evict();
        assertThat(loop.started).isEmpty();
        assertThat(desc.disarm(mode, dispatch)).isTrue();
    }

    // ---- the event, the deadline, and the dispatch that waited to run

    private void clockReaches(long now) {
        ticker.moveTo(now);
        loop.timers().expire(now);
    }

    @Test
    void aDispatchStartedByAnEventIsServedThoughItsDeadlinePassesBeforeItRuns() {
        desc.setDeadline(mode, 2_000);
        desc.arm(mode, () -> {});
        desc.event(EVENT);
        clockReaches(2_000);
        assertThat(desc.startedBy(mode)).isEqualTo(PollResult.READY);
        assertThat(desc.check(mode)).as("later I/O").isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDispatchStartedByItsDeadlineTimesOut() {
        desc.setDeadline(mode, 2_000);
        desc.arm(mode, () -> {});
        clockReaches(2_000);
        assertThat(desc.startedBy(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDispatchStartedByItsDeadlineIsServedWhenAnEventComesBeforeItRuns() {
        desc.setDeadline(mode, 2_000);
        desc.arm(mode, () -> {});
        clockReaches(2_000);
        desc.event(EVENT);
        assertThat(desc.startedBy(mode)).isEqualTo(PollResult.READY);
        assertThat(loop.started).hasSize(1);
    }

    @Test
    void theWordExpiredOverrulesAnEvent() {
        desc.arm(mode, () -> {});
        desc.event(EVENT);
        desc.setDeadline(mode, PollDesc.EXPIRED);
        assertThat(desc.startedBy(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void closingOverrulesAnEventAndADeadline() {
        desc.setDeadline(mode, 2_000);
        desc.arm(mode, () -> {});
        desc.event(EVENT);
        clockReaches(2_000);
        desc.close();
        assertThat(desc.startedBy(mode)).isEqualTo(PollResult.CLOSING);
    }

    @Test
    void aDeadlineThatHasPassedReadsAsExpired() {
        desc.setDeadline(mode, 2_000);
        clockReaches(2_000);
        assertThat(desc.deadline(mode)).isEqualTo(PollDesc.EXPIRED);
    }

    @Test
    void theWordExpiredOutlivesARenewedDeadline() {
        desc.setDeadline(mode, PollDesc.EXPIRED);
        assertThat(desc.renewDeadline(mode, 5_000)).isFalse();
        assertThat(desc.check(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
        assertThat(loop.timers().size()).isZero();
        desc.setDeadline(mode, 5_000);
        assertThat(desc.check(mode)).isEqualTo(PollResult.READY);
    }

    @Test
    void aDeadlineThatHasPassedIsRenewed() {
        desc.setDeadline(mode, 2_000);
        clockReaches(2_000);
        assertThat(desc.renewDeadline(mode, 5_000)).isTrue();
        assertThat(desc.check(mode)).isEqualTo(PollResult.READY);
        clockReaches(5_000);
        assertThat(desc.check(mode)).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }
}
