// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CloseGateTest {

    private final CloseGate gate = new CloseGate();

    @Test
    void withNobodyInsideTheOneWhoClosesIsTheLast() {
        assertThat(gate.enter()).isTrue();
        assertThat(gate.leave()).isFalse();
        assertThat(gate.close()).isTrue();
        assertThat(gate.close()).isFalse();
        assertThat(gate.enter()).isFalse();
    }

    @Test
    void withSomebodyInsideTheLastOneOutIsTheLast() {
        assertThat(gate.enter()).isTrue();
        assertThat(gate.enter()).isTrue();
        assertThat(gate.close()).isFalse();
        assertThat(gate.enter()).isFalse();
        assertThat(gate.leave()).isFalse();
        assertThat(gate.leave()).isTrue();
    }
}
