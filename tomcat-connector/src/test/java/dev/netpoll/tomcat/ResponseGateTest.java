// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.tomcat.ResponseGate.Phase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The gate's table, row by row. */
class ResponseGateTest {

    private final ResponseGate gate = new ResponseGate();

    private void bring(Phase phase) {
        switch (phase) {
            case OPEN -> {}
            case SENT -> assertThat(gate.enter()).isTrue();
            case ENDED -> gate.endedEarly();
            case ASKING -> assertThat(gate.ask()).isTrue();
            case ANSWERING -> assertThat(gate.takeOver()).isEqualTo(Phase.OPEN);
            case CUT -> {
                assertThat(gate.takeOver()).isEqualTo(Phase.OPEN);
                gate.answered();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Phase.class, names = "ASKING", mode = EnumSource.Mode.EXCLUDE)
    void theWriterEntersUnlessTheConnectorHasTakenOver(Phase phase) {
        bring(phase);
        assertThat(gate.enter()).isEqualTo(phase != Phase.ANSWERING && phase != Phase.CUT);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"ENDED", "ASKING"},
            mode = EnumSource.Mode.EXCLUDE)
    void takingOverTellsWhatIsLeftToDo(Phase phase) {
        bring(phase);
        assertThat(gate.takeOver()).isEqualTo(phase);
        assertThat(gate.enter()).as("nobody sends after that").isFalse();
        gate.begin();
        assertThat(gate.enter()).as("nor in a later request").isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"OPEN", "SENT", "ENDED"})
    void aRequestThatBeginsIsOpen(Phase phase) {
        bring(phase);
        gate.begin();
        assertThat(gate.isOpen()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"ANSWERING", "ASKING"},
            mode = EnumSource.Mode.EXCLUDE)
    void aCloseWaitsForNothingElse(Phase phase) {
        bring(phase);
        gate.awaitAnswered();
    }

    @ParameterizedTest
    @EnumSource(value = Phase.class, names = "OPEN", mode = EnumSource.Mode.EXCLUDE)
    void nobodyIsAskedOnceItIsDecidedWhoAnswers(Phase phase) {
        bring(phase);
        assertThat(gate.ask()).isFalse();
    }

    @Test
    void whatWasAskedChangesNothing() {
        bring(Phase.ASKING);
        gate.asked();
        assertThat(gate.isOpen()).isTrue();
        assertThat(gate.enter()).isTrue();
    }

    /** Each of these would otherwise put its bytes into the middle of the interim response. */
    enum Waiter {
        WRITER(ResponseGate::enter),
        CONNECTOR(ResponseGate::takeOver),
        EARLY_END(ResponseGate::endedEarly),
        CLOSE(ResponseGate::awaitAnswered);

        private final Consumer<ResponseGate> comes;

        Waiter(Consumer<ResponseGate> comes) {
            this.comes = comes;
        }
    }

    @ParameterizedTest
    @EnumSource
    void allOthersWaitWhileTheClientIsAsked(Waiter waiter) {
        bring(Phase.ASKING);
        var coming = new CountDownLatch(1);
        var sent = new AtomicBoolean();
        var sentWhenItCame = new CompletableFuture<Boolean>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            coming.countDown();
                            waiter.comes.accept(gate);
                            sentWhenItCame.complete(sent.get());
                        });
        Bounded.await(coming);
        sent.set(true);
        gate.asked();
        assertThat(Bounded.value(sentWhenItCame)).isTrue();
    }

    @Test
    void aCloseWaitsForTheAnswerUnderWay() {
        bring(Phase.ANSWERING);
        var closing = new CountDownLatch(1);
        var written = new AtomicBoolean();
        var writtenAtClose = new CompletableFuture<Boolean>();
        Thread.ofVirtual()
                .start(
                        () -> {
                            closing.countDown();
                            gate.awaitAnswered();
                            writtenAtClose.complete(written.get());
                        });
        Bounded.await(closing);
        for (int i = 0; i < 1_000; i++) {
            Thread.yield(); // time enough for one that does not wait
        }
        written.set(true);
        gate.answered();
        assertThat(Bounded.value(writtenAtClose)).isTrue();
    }

    @Test
    void whatHasEndedAnswersForItselfEvenWhereNothingHasLeftYet() {
        bring(Phase.ENDED);
        assertThat(gate.takeOver()).isEqualTo(Phase.ENDED);
        assertThat(gate.enter()).isTrue();
        assertThat(gate.takeOver()).as("nor when it is on its way").isEqualTo(Phase.ENDED);
    }

    @Test
    void anEndComesTooLateForWhatTheConnectorAnswers() {
        bring(Phase.ANSWERING);
        gate.endedEarly();
        assertThat(gate.enter()).isFalse();
    }

    @Test
    void aGuardThatSaysNoKeepsTheWriterOut() {
        gate.guardedBy(() -> false);
        assertThat(gate.enter()).isFalse();
        assertThat(gate.isOpen()).isTrue();
        gate.end();
        assertThat(gate.enter()).isTrue();
    }
}
