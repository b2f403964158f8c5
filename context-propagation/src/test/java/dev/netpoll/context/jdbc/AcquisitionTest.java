// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/** Waiting for a connection under a context, by a pool that follows a script. */
class AcquisitionTest {

    private final FakeDriver driver = new FakeDriver();
    private final CancelScope scope = CancelContext.background().withCancel();
    private final CountDownLatch waiting = new CountDownLatch(1);
    private final CountDownLatch available = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeftBehind() {
        scope.close();
        assertThat(Thread.interrupted()).as("an interrupt leaked into the test's thread").isFalse();
    }

    /** A pool whose only connection comes when the test says so, and that reacts to interrupts. */
    private DataSource emptyPool() {
        driver.on(
                "DataSource.getConnection",
                _ -> {
                    waiting.countDown();
                    try {
                        available.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new SQLException("interrupted while waiting", e);
                    }
                    return driver.of(Connection.class);
                });
        return new ContextDataSource(driver.pool());
    }

    @Test
    void theEndOfTheContextEndsTheWait() throws Exception {
        DataSource pool = emptyPool();
        FutureTask<Boolean> work =
                Bounded.fork(
                        () -> {
                            assertThatThrownBy(() -> scope.call(pool::getConnection))
                                    .isInstanceOf(SQLException.class)
                                    .hasMessage("getConnection was cancelled: over")
                                    .hasCauseInstanceOf(CancelledException.class);
                            return Thread.interrupted();
                        });
        Bounded.await(waiting);
        scope.cancel("over");
        assertThat(Bounded.get(work)).as("an interrupt is left").isFalse();
    }

    @Test
    void theDeadlineEndsTheWaitToTheMoment() throws Exception {
        DataSource pool = emptyPool();
        ManualRuntime time = new ManualRuntime();
        CancelScope timed = time.background().withTimeout(Duration.ofMillis(250));
        FutureTask<Connection> work = Bounded.fork(() -> timed.call(pool::getConnection));
        Bounded.await(waiting);
        time.advance(Duration.ofMillis(249));
        assertThat(work.isDone()).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThatThrownBy(() -> Bounded.get(work))
                .cause()
                .isInstanceOf(SQLTimeoutException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void theThreadsOwnInterruptScopeKeepsItsInterrupt() throws Exception {
        DataSource pool = emptyPool();
        FutureTask<Boolean> work =
                Bounded.fork(
                        () -> {
                            try (InterruptScope _ = InterruptScope.open(scope)) {
                                assertThatThrownBy(() -> scope.call(pool::getConnection))
                                        .hasMessageContaining("cancelled");
                                return Thread.currentThread().isInterrupted();
                            }
                        });
        Bounded.await(waiting);
        scope.cancel();
        assertThat(Bounded.get(work)).isTrue();
    }

    /** On a virtual thread an interrupt closes a socket that is being read. */
    @Test
    void aSocketThatThePoolIsReadingIsSpared() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket database = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket peer = server.accept()) {
            FutureTask<Integer> alive = new FutureTask<>(() -> database.getInputStream().read());
            driver.on(
                    "DataSource.getConnection",
                    _ -> {
                        waiting.countDown();
                        alive.run();
                        try {
                            available.await();
                        } catch (InterruptedException e) {
                            throw new SQLException("interrupted while waiting", e);
                        }
                        return driver.of(Connection.class);
                    });
            DataSource pool = new ContextDataSource(driver.pool());
            FutureTask<Connection> work = Bounded.fork(() -> scope.call(pool::getConnection));
            Bounded.await(waiting);
            scope.cancel("over");
            peer.getOutputStream().write(7);
            assertThat(Bounded.get(alive)).as("the socket was read to its end").isEqualTo(7);
            assertThatThrownBy(() -> Bounded.get(work))
                    .cause()
                    .hasMessage("getConnection was cancelled: over");
        }
    }

    @Test
    void patienceWithASocketEnds() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket dead = new Socket(server.getInetAddress(), server.getLocalPort())) {
            driver.on(
                    "DataSource.getConnection",
                    _ -> {
                        waiting.countDown();
                        try {
                            return dead.getInputStream().read();
                        } catch (IOException e) {
                            throw new SQLException("the connection is broken", e);
                        }
                    });
            JdbcSettings impatient =
                    new JdbcSettings(Duration.ofMillis(1), Duration.ofMillis(5), false);
            DataSource pool = new ContextDataSource(driver.pool(), impatient, _ -> {});
            FutureTask<Connection> work = Bounded.fork(() -> scope.call(pool::getConnection));
            Bounded.await(waiting);
            scope.cancel("over");
            assertThatThrownBy(() -> Bounded.get(work))
                    .cause()
                    .hasMessage("getConnection was cancelled: over");
        }
    }

    @Test
    void anotherContextsInterruptDoesNotDisturb() throws Exception {
        DataSource pool = emptyPool();
        FutureTask<Boolean> work =
                Bounded.fork(
                        () -> {
                            try (InterruptScope _ = InterruptScope.open(scope)) {
                                scope.withoutCancel().call(pool::getConnection).close();
                                return Thread.currentThread().isInterrupted();
                            }
                        });
        Bounded.await(waiting);
        scope.cancel();
        assertThat(work.isDone()).isFalse();
        available.countDown();
        assertThat(Bounded.get(work)).as("it was held").isTrue();
    }

    @Test
    void aConnectionThatComesTooLateGoesBack() {
        driver.on(
                "DataSource.getConnection",
                _ -> {
                    scope.cancel("just now");
                    Thread.interrupted(); // such pools exist
                    return driver.of(Connection.class);
                });
        DataSource pool = new ContextDataSource(driver.pool());
        assertThatThrownBy(() -> scope.call(pool::getConnection))
                .hasMessage("getConnection was too late: just now")
                .hasCauseInstanceOf(CancelledException.class);
        assertThat(driver.asked()).containsExactly("DataSource.getConnection", "Connection.close");
    }

    @Test
    void anEndedContextDoesNotAskThePool() {
        scope.cancel("over");
        DataSource pool = new ContextDataSource(driver.pool());
        assertThatThrownBy(() -> scope.call(() -> pool.getConnection("user", "password")))
                .hasMessage("getConnection was not begun: over");
        assertThat(driver.asked()).isEmpty();
    }

    @Test
    void aPoolsOwnFailureIsKept() {
        driver.on(
                "DataSource.getConnection",
                _ -> {
                    throw new SQLException("refused", "08001");
                });
        DataSource pool = new ContextDataSource(driver.pool());
        assertThatThrownBy(() -> scope.call(pool::getConnection)).hasMessage("refused");
    }

    @Test
    void theListenerHearsOfAWaitThatWasCutShort() throws Exception {
        emptyPool();
        List<CancelReport> reports = new CopyOnWriteArrayList<>();
        DataSource pool = new ContextDataSource(driver.pool(), JdbcSettings.DEFAULTS, reports::add);
        FutureTask<Connection> work = Bounded.fork(() -> scope.call(pool::getConnection));
        Bounded.await(waiting);
        scope.cancel();
        assertThatThrownBy(() -> Bounded.get(work)).cause().isInstanceOf(SQLException.class);
        assertThat(reports).hasSize(1);
        assertThat(reports.getFirst().call()).isEqualTo("getConnection");
        assertThat(reports.getFirst().cancelsSent()).isZero();
    }
}
