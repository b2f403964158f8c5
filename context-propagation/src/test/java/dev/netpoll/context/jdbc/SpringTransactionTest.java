// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionTemplate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.FutureTask;

import javax.sql.DataSource;

/** How the end of a context comes out of Spring: rolled back, with the cause in sight. */
@ExtendWith(PostgresContainer.class)
class SpringTransactionTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final ManualRuntime time = new ManualRuntime();
    private final PostgresContainer.Server server;
    private final HikariDataSource hikari;
    private final DataSource pool;
    private final JdbcTemplate jdbc;
    private final CancelScope scope = CancelContext.background().withCancel();

    SpringTransactionTest(PostgresContainer.Server server) {
        this.server = server;
        hikari = server.pool(1);
        pool = ContextDataSource.wrap(hikari);
        jdbc = new JdbcTemplate(pool);
    }

    @BeforeEach
    void anEmptyTable() {
        jdbc.execute("create table if not exists orders (id int)");
        jdbc.execute("truncate orders");
    }

    @AfterEach
    void nothingWasCommittedAndTheConnectionIsBack() {
        try (hikari) {
            Bounded.until(() -> hikari.getHikariPoolMXBean().getActiveConnections() == 0);
            assertThat(jdbc.queryForObject("select count(*) from orders", Integer.class)).isZero();
            assertThat(jdbc.execute(java.sql.Connection::getAutoCommit)).isTrue();
        }
    }

    private void inTransaction(PlatformTransactionManager manager, Runnable work) {
        new TransactionTemplate(manager).executeWithoutResult(_ -> work.run());
    }

    @Test
    void aCancelledQueryIsAQueryTimeoutAndRollsBack() throws Exception {
        CancelScope timed = time.background().withTimeout(HOUR);
        FutureTask<Boolean> passing = passesOnceItSleeps();
        assertThatThrownBy(() -> timed.run(() -> insertAndSleep(new JdbcTransactionManager(pool))))
                .isInstanceOf(QueryTimeoutException.class)
                .hasRootCauseInstanceOf(DeadlineExceededException.class);
        assertThat(Bounded.get(passing)).isTrue();
    }

    /** The hour is over when the server is at the query: in the middle of the transaction. */
    private FutureTask<Boolean> passesOnceItSleeps() {
        return Bounded.fork(
                () -> {
                    try (Backends backends = new Backends(server)) {
                        Bounded.until(() -> backends.running("pg_sleep") == 1);
                    }
                    time.advance(HOUR);
                    return true;
                });
    }

    private void insertAndSleep(PlatformTransactionManager manager) {
        inTransaction(
                manager,
                () -> {
                    jdbc.update("insert into orders values (1)");
                    jdbc.execute("select pg_sleep(30)");
                });
    }

    @Test
    void theThreadsInterruptDoesNotDisturbTheRollback() throws Exception {
        CancelScope timed = time.background().withTimeout(HOUR);
        FutureTask<Boolean> passing = passesOnceItSleeps();
        try (InterruptScope interrupts = InterruptScope.open(timed)) {
            assertThatThrownBy(
                            () -> timed.run(() -> insertAndSleep(new JdbcTransactionManager(pool))))
                    .isInstanceOf(QueryTimeoutException.class);
            assertThat(interrupts.interrupted()).isTrue();
        }
        assertThat(Bounded.get(passing)).isTrue();
        assertThat(hikari.getHikariPoolMXBean().getTotalConnections()).isEqualTo(1);
    }

    @Test
    void aTransactionThatComesToItsCommitTooLateIsRolledBack() {
        assertThatThrownBy(() -> insertAndCancel(new JdbcTransactionManager(pool)))
                .isInstanceOf(QueryTimeoutException.class)
                .hasRootCauseInstanceOf(CancelledException.class)
                .rootCause()
                .hasMessage("client gone");
    }

    @Test
    void evenWithAManagerThatDoesNotRollBackAfterAFailedCommit() {
        assertThatThrownBy(() -> insertAndCancel(new DataSourceTransactionManager(pool)))
                .isInstanceOf(TransactionSystemException.class)
                .hasRootCauseInstanceOf(CancelledException.class);
    }

    private void insertAndCancel(PlatformTransactionManager manager) {
        scope.run(
                () ->
                        inTransaction(
                                manager,
                                () -> {
                                    jdbc.update("insert into orders values (1)");
                                    scope.cancel("client gone");
                                }));
    }

    @Test
    void aTransactionIsNotEvenBegun() {
        scope.cancel("client gone");
        Throwable thrown =
                catchThrowable(
                        () -> scope.run(() -> insertAndSleep(new JdbcTransactionManager(pool))));
        assertThat(thrown)
                .isInstanceOf(CannotCreateTransactionException.class)
                .hasCauseInstanceOf(SQLException.class)
                .hasRootCauseInstanceOf(CancelledException.class);
    }

    @Test
    void anotherCallAfterTheEndIsRefusedAndRollsBackToo() {
        assertThatThrownBy(
                        () ->
                                scope.run(
                                        () ->
                                                inTransaction(
                                                        new JdbcTransactionManager(pool),
                                                        () -> {
                                                            jdbc.update(
                                                                    "insert into orders values"
                                                                            + " (1)");
                                                            scope.cancel("client gone");
                                                            jdbc.update(
                                                                    "insert into orders values"
                                                                            + " (2)");
                                                        })))
                .isInstanceOf(QueryTimeoutException.class)
                .hasRootCauseInstanceOf(CancelledException.class);
    }
}
