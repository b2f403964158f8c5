// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.Figures;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** On any connector: when a request's time is up, its work in the database is over. */
@ExtendWith(PostgresContainer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DeadlineContract {

    static final String IN_100_MS = "x-request-timeout-ms: 100";

    private static final String REPORT = "/orders/report?seconds=30";
    private static final long MINUTE = 60;

    private RunningSample sample;

    abstract String[] properties();

    @BeforeAll
    void start(PostgresContainer.Server database) throws SQLException {
        sample = new RunningSample(database, properties());
    }

    @AfterAll
    void stop() throws SQLException {
        sample.close();
    }

    @AfterEach
    void nothingIsLeft() {
        sample.awaitIdle();
    }

    final RunningSample sample() {
        return sample;
    }

    static void assertExpired(String answer) {
        assertThat(answer)
                .startsWith("HTTP/1.1 503")
                .contains("application/problem+json")
                .contains("deadline exceeded");
    }

    @Test
    void anExpiredRequestEndsItsQuery() throws Exception {
        long[] answered = new long[Figures.rounds(10, 200)];
        long[] gone = new long[answered.length];
        sample.awaitFullPool();
        Set<Integer> before = sample.connections();
        long limit = Duration.ofMillis(100).toNanos();
        for (int i = 0; i < answered.length; i++) {
            long end = System.nanoTime() + limit;
            FutureTask<Long> answer =
                    Bounded.fork(
                            () -> {
                                assertExpired(Caller.get(sample.port(), REPORT, IN_100_MS));
                                return System.nanoTime();
                            });
            Bounded.until("its time is up", () -> System.nanoTime() - end >= 0);
            Bounded.until("the query is gone", () -> sample.sleeping() == 0);
            gone[i] = System.nanoTime() - end;
            answered[i] = answer.get(MINUTE, TimeUnit.SECONDS) - end;
        }
        Figures.print("deadline to query gone", gone);
        Figures.print("deadline to 503 (query cancelled)", answered);
        sample.awaitIdle();
        assertThat(sample.connections()).as("the same connections").isEqualTo(before);
    }

    @Test
    void aGroupOfFiftyTasksEndsWithItsDeadline() throws Exception {
        int before = sample.begun();
        assertExpired(Caller.get(sample.port(), "/test/group?tasks=50", IN_100_MS));
        sample.awaitIdle(); // a slow machine may not have come to all of them
        assertThat(sample.begun()).isBetween(before, before + 50);
        assertThat(sample.ended()).isEqualTo(sample.begun());
    }

    @Test
    void anAsyncMethodEndsWithTheDeadlineOfItsRequest() throws Exception {
        assertExpired(Caller.get(sample.port(), "/test/async", IN_100_MS));
        Bounded.until("the method has ended", () -> sample.ended() == sample.begun());
    }

    @Test
    void aSuccessThatComesTooLateIsNone() throws Exception {
        Handlers handlers = sample.handlers();
        handlers.enough.set(false);
        FutureTask<String> answer =
                Bounded.fork(() -> Caller.get(sample.port(), "/test/spin", IN_100_MS));
        try {
            Bounded.until("it is overdue", () -> sample.overdue().count() == 1);
        } finally {
            handlers.enough.set(true);
        }
        assertExpired(answer.get(MINUTE, TimeUnit.SECONDS));
    }
}
