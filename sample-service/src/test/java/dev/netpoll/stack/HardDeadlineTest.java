// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.task.OverdueTask;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.Figures;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import java.time.Duration;
import java.util.List;

/** A handler that ignores every signal: its client is answered in time, and the handler is known. */
@ExtendWith(PostgresContainer.class)
class HardDeadlineTest {

    private static final long LIMIT_MILLIS = 200;

    @Test
    void aSpinningHandlersClientIsAnsweredAndTheSpinIsListedWithItsStack(
            PostgresContainer.Server database) throws Exception {
        try (RunningSample sample = new RunningSample(database, "--netpoll.overdue.grace=1ms")) {
            long[] late = new long[Figures.rounds(3, 100)];
            for (int i = 0; i < late.length; i++) {
                late[i] = spin(sample);
            }
            Figures.print("deadline to 503 (handler spins)", late);
        }
    }

    /** How long after its deadline the client of a handler that spins on had its answer. */
    private static long spin(RunningSample sample) throws Exception {
        Handlers handlers = sample.handlers();
        handlers.enough.set(false);
        try {
            long end = System.nanoTime() + Duration.ofMillis(LIMIT_MILLIS).toNanos();
            String answer =
                    Caller.get(
                            sample.port(), "/test/spin", "x-request-timeout-ms: " + LIMIT_MILLIS);
            long late = System.nanoTime() - end;
            assertThat(answer).startsWith("HTTP/1.1 503").contains("deadline exceeded");
            Bounded.until("it is overdue", () -> sample.overdue().count() == 1);
            assertListed(sample.overdue().snapshot());
            return late;
        } finally {
            handlers.enough.set(true);
            Bounded.until("it has ended", () -> sample.overdue().count() == 0);
            sample.awaitIdle();
        }
    }

    private static void assertListed(List<OverdueTask> overdue) {
        OverdueTask spin = overdue.getFirst();
        assertThat(spin.label()).isEqualTo("GET /test/spin");
        assertThat(spin.cause().origin().message()).contains("deadline");
        assertThat(spin.stack())
                .anyMatch(frame -> frame.getClassName().equals(Handlers.class.getName()));
    }
}
