// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause.CancelledByCode;
import dev.netpoll.context.CancelCause.ClientDisconnected;
import dev.netpoll.context.CancelCause.Completed;
import dev.netpoll.context.CancelCause.DeadlineExceeded;
import dev.netpoll.context.CancelCause.ParentCancelled;
import dev.netpoll.context.CancelCause.ServerShuttingDown;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

class CancelCauseTest {

    private static final CancelCause DEADLINE =
            new DeadlineExceeded(Deadline.after(Duration.ZERO), "the report's", null);

    private static final List<CancelCause> ALL =
            List.of(
                    new ClientDisconnected(ClientDisconnected.How.RST, "ECONNRESET"),
                    DEADLINE,
                    new ServerShuttingDown(),
                    new ParentCancelled(new ServerShuttingDown()),
                    new CancelledByCode("enough"),
                    new Completed());

    @Test
    void everyKindHasItsCauseAndATagOfItsOwn() {
        assertThat(ALL).extracting(CancelCause::kind).containsExactly(CancelCause.Kind.values());
        assertThat(
                        Arrays.stream(CancelCause.Kind.values())
                                .map(CancelCause.Kind::tag)
                                .collect(Collectors.toSet()))
                .hasSameSizeAs(ALL)
                .allMatch(tag -> tag.matches("[a-z-]+"));
    }

    @Test
    void everyCauseIsOneExceptionTypeAndADeadlineItsSubtype() {
        for (CancelCause cause : ALL) {
            CancelledException e = cause.toException();
            assertThat(e.cancelCause()).isSameAs(cause);
            assertThat(e).hasMessage(cause.message());
            assertThat(e instanceof DeadlineExceededException).isEqualTo(cause == DEADLINE);
        }
        assertThat(new ParentCancelled(DEADLINE).toException())
                .as("an ancestor's deadline is a deadline")
                .isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void theOriginIsReachedThroughAnyNumberOfParents() {
        CancelCause nested = new ParentCancelled(new ParentCancelled(DEADLINE));
        assertThat(nested.origin()).isSameAs(DEADLINE);
        assertThat(nested.isDeadline()).isTrue();
        assertThat(nested.message()).isEqualTo("parent ended: deadline exceeded: the report's");
    }

    @Test
    void aDisconnectSaysHowAndWithWhichErrno() {
        assertThat(ALL.getFirst().message()).isEqualTo("client disconnected (RST, ECONNRESET)");
        assertThat(new ClientDisconnected(ClientDisconnected.How.FIN, null).message())
                .isEqualTo("client disconnected (FIN)");
    }

    @Test
    void aFailureGivenAsTheReasonIsTheExceptionsCause() {
        IllegalStateException failure = new IllegalStateException("broken");
        CancelCause cause = new CancelledByCode(failure);
        assertThat(cause.toException()).hasCause(failure).hasMessageContaining("broken");
        assertThat(new ParentCancelled(cause).toException()).hasCause(failure);
    }
}
