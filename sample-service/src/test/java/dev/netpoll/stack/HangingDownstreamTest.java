// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.Figures;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;

/** A service downstream that does not answer: when the request is over, so are the calls to it. */
@ExtendWith(PostgresContainer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HangingDownstreamTest {

    private static final long LIMIT_MILLIS = 200;
    private static final int CALLS = 4;

    private RunningSample sample;
    private HangingService downstream;
    private String path;

    @BeforeAll
    void start(PostgresContainer.Server database) throws Exception {
        sample = new RunningSample(database);
        downstream = new HangingService();
        path = "/test/downstream?calls=" + CALLS + "&url=" + downstream.url();
    }

    @AfterAll
    void stop() throws SQLException, IOException {
        sample.close();
        downstream.close();
    }

    private interface Leaving {
        void leave(Caller caller) throws IOException;
    }

    private void leavers(String what, Leaving leaving) throws IOException {
        long[] took = new long[Figures.rounds(5, 200)];
        for (int i = 0; i < took.length; i++) {
            Caller caller = new Caller(sample.port(), path);
            Bounded.until("the calls are under way", () -> downstream.waiting() == CALLS);
            long start = System.nanoTime();
            leaving.leave(caller);
            Bounded.until("the calls are over", () -> downstream.waiting() == 0);
            took[i] = System.nanoTime() - start;
        }
        Figures.print("client leaves by " + what + " to calls downstream over", took);
        sample.awaitIdle();
    }

    @Test
    void aClientThatClosesEndsTheCalls() throws Exception {
        leavers("FIN", Caller::close);
    }

    @Test
    void aClientThatResetsEndsTheCalls() throws Exception {
        leavers("RST", Caller::reset);
    }

    @Test
    void anExpiredRequestEndsTheCalls() throws Exception {
        long[] answered = new long[Figures.rounds(5, 200)];
        long limit = Duration.ofMillis(LIMIT_MILLIS).toNanos();
        for (int i = 0; i < answered.length; i++) {
            long end = System.nanoTime() + limit;
            String answer =
                    Caller.get(sample.port(), path, "x-request-timeout-ms: " + LIMIT_MILLIS);
            answered[i] = System.nanoTime() - end;
            assertThat(answer).startsWith("HTTP/1.1 503").contains("deadline exceeded");
            Bounded.until("the calls are over", () -> downstream.waiting() == 0);
        }
        Figures.print("deadline to 503 (downstream hangs)", answered);
        sample.awaitIdle();
    }
}
