// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.QuietLog;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/** A cancel hits the call it is for, sooner or later, and never what comes after. */
class CancelFenceTest extends CancelledCalls {

    // ---- the fence

    @Test
    void theCallDoesNotReturnWhileACancelIsOnItsWay() throws Exception {
        CountDownLatch sending = new CountDownLatch(1);
        CountDownLatch arrives = new CountDownLatch(1);
        driver.on("Statement.execute", query)
                .on(
                        "Statement.cancel",
                        _ -> {
                            sending.countDown();
                            Bounded.await(arrives);
                            return null;
                        });
        Statement statement = driver.connection().createStatement();
        FutureTask<Integer> work =
                fork(
                        () -> {
                            statement.execute("first");
                            return CancelContext.background()
                                    .call(() -> statement.executeUpdate("second"));
                        });
        query.awaitBegin();
        scope.cancel();
        Bounded.await(sending);
        query.finish();
        Bounded.until(() -> isIn(query.thread(), "leave"));
        assertThat(driver.asked()).doesNotContain("Statement.executeUpdate");
        arrives.countDown();
        Bounded.get(work);
        assertThat(driver.asked()).endsWith("Statement.executeUpdate");
    }

    @Test
    void theConnectionIsNotClosedWhileACancelIsOnItsWay() throws Exception {
        CountDownLatch arrives = new CountDownLatch(1);
        driver.on("Statement.execute", query)
                .on(
                        "Statement.cancel",
                        _ -> {
                            query.cancelled();
                            Bounded.await(arrives);
                            return null;
                        });
        FutureTask<?> work =
                fork(
                        () -> {
                            try (Connection connection = driver.connection();
                                    Statement statement = connection.createStatement()) {
                                return statement.execute("slow");
                            }
                        });
        query.awaitBegin();
        scope.cancel();
        Bounded.until(() -> isIn(query.thread(), "leave"));
        assertThat(driver.asked()).doesNotContain("Connection.close");
        arrives.countDown();
        assertThat(failure(work)).hasMessageContaining("cancelled");
        assertThat(driver.asked()).endsWith("Statement.close", "Connection.close");
    }

    @Test
    void aCancelThatCameBeforeItsQueryIsSentAgain() throws Exception {
        AtomicInteger cancels = new AtomicInteger();
        driver.on("Statement.execute", query)
                .on("Statement.cancel", _ -> cancels.incrementAndGet() == 3 ? cancelIt() : null);
        Statement statement = driver.connection().createStatement();
        FutureTask<Boolean> work = fork(() -> statement.execute("slow"));
        query.awaitBegin();
        scope.cancel();
        assertThat(failure(work)).hasMessageContaining("cancelled");
        assertThat(cancels.get()).as("and perhaps again while it ends").isGreaterThanOrEqualTo(3);
    }

    @Test
    void aCancelThatCouldNotBeSentIsSentAgain() throws Exception {
        AtomicInteger cancels = new AtomicInteger();
        driver.on("Statement.execute", query)
                .on(
                        "Statement.cancel",
                        _ -> {
                            if (cancels.incrementAndGet() == 2) {
                                return cancelIt();
                            }
                            throw new SQLException("no route");
                        });
        Statement statement = driver.connection().createStatement();
        FutureTask<Boolean> work = fork(() -> statement.execute("slow"));
        query.awaitBegin();
        scope.cancel();
        assertThat(failure(work)).hasMessageContaining("cancelled");
    }

    @Test
    void anotherThreadsCallOnTheConnectionIsNotHit() throws Exception {
        driver.on("Statement.execute", query);
        Connection connection = driver.connection();
        Statement statement = connection.createStatement();
        FutureTask<Boolean> first =
                Bounded.fork(() -> CancelContext.background().call(() -> statement.execute("1")));
        query.awaitBegin();
        Thread[] waiting = new Thread[1];
        CountDownLatch started = new CountDownLatch(1);
        FutureTask<Integer> second =
                fork(
                        () -> {
                            waiting[0] = Thread.currentThread();
                            started.countDown();
                            return statement.executeUpdate("2");
                        });
        Bounded.await(started);
        Bounded.until(() -> isIn(waiting[0], "lock"));
        scope.cancel();
        query.finish();
        assertThat(Bounded.get(first)).isTrue();
        assertThat(failure(second)).hasMessageContaining("not begun");
        assertThat(driver.asked()).doesNotContain("Statement.cancel", "Statement.executeUpdate");
    }

    // ---- when nothing helps

    @Test
    void aDatabaseThatDoesNotReactLosesTheConnection() throws Exception {
        List<CancelReport> reports = new CopyOnWriteArrayList<>();
        driver.on("Statement.execute", query)
                .on(
                        "Connection.abort",
                        _ -> {
                            query.fail(new SQLException("socket closed", "08006"));
                            return null;
                        });
        Statement statement =
                driver.connection(
                                new JdbcSettings(MILLI, Duration.ofMillis(10), false), reports::add)
                        .createStatement();
        try (QuietLog log = new QuietLog(GuardedCall.class)) {
            FutureTask<Boolean> work = fork(() -> statement.execute("stuck"));
            query.awaitBegin();
            scope.cancel("gone");
            assertThat(failure(work))
                    .hasMessage("execute was cancelled: gone")
                    .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("socket closed"));
            assertThat(log.records()).hasSize(1);
        }
        assertThat(driver.asked())
                .as("a failing call shows the pool that the connection is lost")
                .containsSubsequence("Connection.abort", "Connection.createStatement");
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().connectionLost()).isTrue();
        assertThat(reports.getFirst().call()).isEqualTo("execute");
    }

    @Test
    void onceTheConnectionIsLostTheInterruptComesThrough() throws Exception {
        driver.on("Statement.execute", query);
        Statement statement =
                driver.connection(new JdbcSettings(MILLI, Duration.ofMillis(10), false))
                        .createStatement();
        try (QuietLog _ = new QuietLog(GuardedCall.class)) {
            FutureTask<Boolean> work =
                    fork(
                            () -> {
                                try (InterruptScope _ = InterruptScope.open(scope)) {
                                    return statement.execute("waits for something else");
                                }
                            });
            query.awaitBegin();
            scope.cancel();
            assertThat(failure(work).getSuppressed()[0]).hasMessage("Closed by interrupt");
        }
        assertThat(driver.asked()).contains("Connection.abort");
    }

    @Test
    void aCancelThatHangsCostsTheConnectionAndNotTheCaller() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch sending = new CountDownLatch(1);
        driver.on("Statement.execute", query)
                .on(
                        "Statement.cancel",
                        _ -> {
                            sending.countDown();
                            Bounded.await(never);
                            return null;
                        });
        Statement statement =
                driver.connection(new JdbcSettings(MILLI, Duration.ofMillis(50), false))
                        .createStatement();
        try (QuietLog _ = new QuietLog(GuardedCall.class)) {
            FutureTask<Boolean> work = fork(() -> statement.execute("ends by itself"));
            query.awaitBegin();
            scope.cancel();
            Bounded.await(sending);
            query.finish();
            assertThat(Bounded.get(work)).as("its result").isTrue();
        }
        assertThat(driver.asked()).contains("Connection.abort");
        never.countDown();
    }

    @Test
    void aListenerIsToldWhatTheCancelDid() throws Exception {
        List<CancelReport> reports = new CopyOnWriteArrayList<>();
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        Statement statement =
                driver.connection(
                                new JdbcSettings(MILLI, HOUR, false),
                                report -> {
                                    reports.add(report);
                                    throw new IllegalStateException("a listener's own trouble");
                                })
                        .createStatement();
        try (QuietLog log = new QuietLog(ConnectionGuard.class)) {
            FutureTask<Boolean> work = fork(() -> statement.execute("slow"));
            query.awaitBegin();
            scope.cancel("over");
            assertThat(failure(work)).hasMessageContaining("over");
            assertThat(log.records()).hasSize(1);
        }
        CancelReport report = reports.getFirst();
        assertThat(report.call()).isEqualTo("execute");
        assertThat(report.cause().message()).isEqualTo("over");
        assertThat(report.cancelsSent()).isPositive();
        assertThat(report.connectionLost()).isFalse();
        assertThat(report.took()).isPositive();
    }
}
