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

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** From a client's socket down to the database: when the client is gone, so is its work. */
@ExtendWith(PostgresContainer.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaversTest {

    private static final String REPORT = "/orders/report?seconds=30";
    private static final long MINUTE = 60;

    private RunningSample sample;

    @BeforeAll
    void start(PostgresContainer.Server database) throws SQLException {
        sample = new RunningSample(database);
    }

    @AfterAll
    void stop() throws SQLException {
        sample.close();
    }

    @AfterEach
    void nothingIsLeft() {
        sample.awaitIdle();
    }

    private interface Leaving {
        void leave(Caller caller) throws IOException;
    }

    /** How long after the caller has left nothing was at work for it in the database any more. */
    private long left(String path, BooleanSupplier atWork, Leaving leaving) throws IOException {
        return left(path, atWork, () -> sample.sleeping() == 0, leaving);
    }

    private long left(String path, BooleanSupplier atWork, BooleanSupplier over, Leaving leaving)
            throws IOException {
        Caller caller = new Caller(sample.port(), path);
        Bounded.until("it is at work", atWork);
        long start = System.nanoTime();
        leaving.leave(caller);
        Bounded.until("nothing is any more", over);
        return System.nanoTime() - start;
    }

    private void leavers(String what, Leaving leaving) throws IOException {
        sample.awaitFullPool();
        Set<Integer> before = sample.connections();
        long[] took = new long[Figures.rounds(10, 200)];
        for (int i = 0; i < took.length; i++) {
            took[i] = left(REPORT, () -> sample.sleeping() == 1, leaving);
        }
        Figures.print("client leaves by " + what + " to query gone", took);
        sample.awaitIdle();
        assertThat(sample.connections()).as("the same connections").isEqualTo(before);
    }

    // ---- a client that leaves

    @Test
    void aClientThatClosesEndsItsQuery() throws Exception {
        leavers("FIN", Caller::close);
    }

    @Test
    void aClientThatResetsEndsItsQuery() throws Exception {
        leavers("RST", Caller::reset);
    }

    @Test
    void leaversHitNobodyElseAndLoseNoConnection() throws Exception {
        sample.awaitFullPool();
        Set<Integer> before = sample.connections();
        int leavers = Figures.rounds(200, 1_000);
        AtomicInteger left = new AtomicInteger();
        AtomicInteger served = new AtomicInteger();
        AtomicBoolean stopped = new AtomicBoolean();
        List<String> hit = new CopyOnWriteArrayList<>();
        List<FutureTask<?>> all = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            all.add(Bounded.fork(() -> ask(stopped, served, hit)));
            all.add(Bounded.fork(() -> leave(left, leavers, Caller::close)));
            all.add(Bounded.fork(() -> leave(left, leavers, Caller::reset)));
        }
        Bounded.until("all have left", () -> left.get() >= leavers);
        stopped.set(true);
        for (FutureTask<?> task : all) {
            assertThat(task.get(MINUTE, TimeUnit.SECONDS)).isEqualTo(true);
        }
        System.out.printf("left: %d, served beside them: %d%n", left.get(), served.get());
        assertThat(hit).as("answers to clients that stayed").isEmpty();
        assertThat(served.get()).isPositive();
        sample.awaitIdle();
        assertThat(sample.connections()).as("the same connections").isEqualTo(before);
    }

    /** Asks for what the database answers at once, and expects that. */
    private boolean ask(AtomicBoolean stopped, AtomicInteger served, List<String> hit)
            throws IOException {
        do {
            String answer = Caller.get(sample.port(), "/orders");
            if (!answer.startsWith("HTTP/1.1 200")) {
                hit.add(answer);
            }
            served.incrementAndGet();
        } while (!stopped.get());
        return true;
    }

    /** Leaves at any moment: before the query, in it, while it waits for a connection. */
    private boolean leave(AtomicInteger left, int leavers, Leaving leaving) throws IOException {
        while (left.getAndIncrement() < leavers) {
            Caller caller = new Caller(sample.port(), REPORT);
            LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(10_000_000));
            leaving.leave(caller);
        }
        return true;
    }

    // ---- what a request has started

    @Test
    void aGroupOfFiftyTasksEndsWithItsClient() throws Exception {
        long[] took = new long[Figures.rounds(3, 200)];
        for (int i = 0; i < took.length; i++) {
            int before = sample.begun();
            took[i] =
                    left(
                            "/test/group?tasks=50",
                            () ->
                                    sample.begun() == before + 50
                                            && sample.sleeping() == RunningSample.POOL,
                            Caller::close);
            sample.awaitIdle();
            Bounded.until("all tasks have ended", () -> sample.ended() == before + 50);
        }
        Figures.print("client leaves to the last query of a group of 50 gone", took);
    }

    @Test
    void anAsyncMethodEndsWithTheClientOfItsRequest() throws Exception {
        long[] took = new long[Figures.rounds(5, 200)];
        for (int i = 0; i < took.length; i++) {
            took[i] =
                    left(
                            "/test/async",
                            () -> sample.sleeping() == 1,
                            i % 2 == 0 ? Caller::close : Caller::reset);
        }
        Figures.print("client leaves to the query of its @Async method gone", took);
        Bounded.until("all methods have ended", () -> sample.ended() == sample.begun());
    }

    @Test
    void aBulkheadsPermitComesBackWhenTheClientHasLeft() throws Exception {
        assertThat(sample.permits()).isOne();
        long[] took = new long[Figures.rounds(5, 200)];
        for (int i = 0; i < took.length; i++) {
            took[i] =
                    left(
                            "/test/bulkhead",
                            () -> sample.sleeping() == 1 && sample.permits() == 0,
                            () -> sample.sleeping() == 0 && sample.permits() == 1,
                            i % 2 == 0 ? Caller::close : Caller::reset);
        }
        Figures.print("client leaves to query gone and bulkhead's permit back", took);
    }
}
