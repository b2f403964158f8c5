// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Every transition of the two words' table. */
class LoopStateTest {

    private final LoopState state = new LoopState();

    // ---- whose loop it is -----------------------------------------------------------------------

    @Test
    void aSliceMakesTheTurnOddAndItsEndEven() {
        assertThat(state.turn()).isZero();
        assertThat(state.inSlice()).isFalse();
        state.beginSlice(0);
        assertThat(state.turn()).isEqualTo(1);
        assertThat(state.inSlice()).isTrue();
        assertThat(state.endSlice(0)).isTrue();
        assertThat(state.turn()).isEqualTo(2);
        assertThat(state.inSlice()).isFalse();
    }

    @Test
    void aCarrierWhoseLoopWasTakenLearnsItAtTheEndOfItsSlice() {
        state.beginSlice(0);
        assertThat(state.takeOver(1)).isTrue();
        assertThat(state.inSlice()).as("the new carrier is in none").isFalse();
        assertThat(state.endSlice(0)).isFalse();
        assertThat(state.turn()).as("left to its new carrier").isEqualTo(2);
    }

    @Test
    void aCarrierWhoseLoopWasTakenLearnsItEvenWhileTheNewOneIsInASlice() {
        state.beginSlice(0);
        state.takeOver(1);
        state.beginSlice(2);
        assertThat(state.endSlice(0)).isFalse();
        assertThat(state.turn()).isEqualTo(3);
        assertThat(state.endSlice(2)).isTrue();
    }

    @Test
    void aSliceThatHasEndedCannotCostTheLoop() {
        state.beginSlice(0);
        state.endSlice(0);
        assertThat(state.takeOver(1)).isFalse();
        state.beginSlice(2);
        assertThat(state.takeOver(1)).as("nor when the next runs").isFalse();
        assertThat(state.endSlice(2)).isTrue();
    }

    // ---- whether it sleeps ----------------------------------------------------------------------

    @Test
    void whoBringsWorkToASleeperSignalsAndTheNextDoesNot() {
        state.fallAsleep();
        assertThat(state.isSleeping()).isTrue();
        assertThat(state.claimWakeUp()).isTrue();
        assertThat(state.isSleeping()).isFalse();
        assertThat(state.claimWakeUp()).isFalse();
    }

    @Test
    void nobodySignalsOneWhoIsAwake() {
        assertThat(state.claimWakeUp()).isFalse();
        state.fallAsleep();
        state.awake();
        assertThat(state.isSleeping()).isFalse();
        assertThat(state.claimWakeUp()).isFalse();
    }
}
