// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.DeadlineExceededException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.Operation;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/** What goes to the driver, in which order, when a context ends: by a driver that follows a script. */
class StatementCancelTest extends CancelledCalls {

    // ---- what the caller sees

    @Test
    void theEndOfTheContextCancelsTheStatementAndIsTheCause() throws Exception {
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        // No second cancel, however long the first one's victim takes to end.
        Statement statement =
                driver.connection(new JdbcSettings(HOUR, HOUR, false)).createStatement();
        FutureTask<Boolean> work = fork(() -> statement.execute("slow"));
        query.awaitBegin();
        scope.cancel("enough");
        assertThat(failure(work))
                .hasMessage("execute was cancelled: enough")
                .hasCauseInstanceOf(CancelledException.class)
                .hasFieldOrPropertyWithValue("SQLState", "57014")
                .hasFieldOrPropertyWithValue("errorCode", 7)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("user req"));
        assertThat(driver.asked())
                .containsExactly(
                        "Connection.createStatement", "Statement.execute", "Statement.cancel");
    }

    @Test
    void anExpiredDeadlineIsATimeout() throws Exception {
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        Statement statement = driver.connection().createStatement();
        ManualRuntime time = new ManualRuntime();
        CancelScope timed = time.background().withTimeout(Duration.ofSeconds(2));
        FutureTask<Boolean> work = Bounded.fork(() -> timed.call(() -> statement.execute("slow")));
        query.awaitBegin();
        time.advance(Duration.ofSeconds(2));
        assertThat(failure(work))
                .isInstanceOf(SQLTimeoutException.class)
                .hasCauseInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void theCallersContextCountsNotTheConnections() throws Exception {
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        Statement statement = driver.connection().createStatement();
        CancelScope child = scope.withCancel();
        FutureTask<Boolean> work =
                fork(() -> child.call(() -> statement.execute("slow part of a longer whole")));
        query.awaitBegin();
        child.cancel("enough of this one");
        assertThat(failure(work)).hasMessageContaining("enough of this one");
        assertThat(scope.call(() -> statement.executeUpdate("goes on"))).isZero();
    }

    @Test
    void nothingIsBegunUnderAContextThatHasEnded() throws Exception {
        Connection connection = driver.connection();
        Statement statement = connection.createStatement();
        PreparedStatement prepared = connection.prepareStatement("");
        CallableStatement callable = connection.prepareCall("");
        ResultSet rows = statement.executeQuery("");
        int before = driver.asked().size();
        scope.cancel("over");
        List<Operation<?, SQLException>> calls =
                List.of(
                        () -> statement.execute(""),
                        () -> statement.executeQuery(""),
                        () -> statement.executeUpdate("", 1),
                        () -> statement.executeLargeUpdate("", new int[0]),
                        statement::executeBatch,
                        statement::executeLargeBatch,
                        statement::getMoreResults,
                        prepared::execute,
                        prepared::executeQuery,
                        prepared::executeUpdate,
                        prepared::getMetaData,
                        callable::execute,
                        callable::getParameterMetaData,
                        connection::setSavepoint,
                        connection::getMetaData,
                        () -> connection.prepareStatement(""),
                        () -> connection.prepareCall(""),
                        () -> connection.isValid(1),
                        () -> {
                            rows.updateRow();
                            return null;
                        });
        for (Operation<?, SQLException> call : calls) {
            assertThatThrownBy(() -> scope.call(call))
                    .isInstanceOf(SQLException.class)
                    .hasMessageEndingWith(" was not begun: over")
                    .hasCauseInstanceOf(CancelledException.class);
        }
        assertThat(driver.asked()).as("the driver heard of nothing").hasSize(before);
    }

    @Test
    void aStatementThatWasCompletedInSpiteOfItsCancelSaysSo() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        driver.on("Statement.executeUpdate", _ -> updatedAfter(cancelled))
                .on("Statement.cancel", _ -> count(cancelled));
        Statement statement = driver.connection().createStatement();
        FutureTask<Integer> work = fork(() -> statement.executeUpdate("update"));
        Bounded.until(() -> driver.asked().contains("Statement.executeUpdate"));
        scope.cancel();
        assertThat(Bounded.get(work)).isEqualTo(3);
    }

    private static int updatedAfter(CountDownLatch latch) {
        Bounded.await(latch);
        return 3;
    }

    private static Object count(CountDownLatch latch) {
        latch.countDown();
        return null;
    }

    @Test
    void anErrorOfTheStatementsOwnIsKept() throws Exception {
        driver.on(
                "Statement.execute",
                _ -> {
                    throw new SQLException("duplicate key", "23505");
                });
        Statement statement = driver.connection().createStatement();
        assertThatThrownBy(() -> scope.call(() -> statement.execute("")))
                .hasMessage("duplicate key");
    }

    @Test
    void withoutAContextNothingIsDifferent() throws Exception {
        Statement statement = driver.connection().createStatement();
        assertThat(statement.execute("")).isFalse();
        assertThat(driver.asked()).endsWith("Statement.execute");
    }

    // ---- interrupts

    @Test
    void theInterruptWaitsUntilTheStatementHasEnded() throws Exception {
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        Statement statement = driver.connection().createStatement();
        FutureTask<Boolean> work =
                fork(
                        () -> {
                            try (InterruptScope interrupts = InterruptScope.open(scope)) {
                                assertThatThrownBy(() -> statement.execute("slow"))
                                        .hasMessageContaining("was cancelled")
                                        .satisfies(
                                                e ->
                                                        assertThat(e.getSuppressed()[0])
                                                                .hasMessageContaining("user req"));
                                return interrupts.interrupted()
                                        && Thread.currentThread().isInterrupted();
                            }
                        });
        query.awaitBegin();
        scope.cancel();
        assertThat(Bounded.get(work)).as("it came afterwards").isTrue();
    }

    // ---- rows, and the rest of what blocks

    @Test
    void fetchingFurtherRowsIsCancelled() throws Exception {
        driver.on("ResultSet.getFetchSize", _ -> 10)
                .on("ResultSet.next", query)
                .on("PreparedStatement.cancel", _ -> cancelIt());
        ResultSet rows = driver.connection().prepareStatement("").executeQuery();
        FutureTask<Boolean> work = fork(rows::next);
        query.awaitBegin();
        scope.cancel("enough rows");
        assertThat(failure(work)).hasMessage("fetch was cancelled: enough rows");
    }

    @Test
    void rowsThatAreHereNeedNoGuard() throws Exception {
        ResultSet rows = driver.connection().createStatement().executeQuery("");
        scope.cancel();
        assertThat(scope.call(rows::next)).isFalse();
        rows.setFetchSize(5);
        assertThatThrownBy(() -> scope.call(rows::next)).hasMessageContaining("not begun");
    }

    @Test
    void aBatchIsCancelled() throws Exception {
        driver.on("PreparedStatement.executeBatch", query)
                .on("PreparedStatement.cancel", _ -> cancelIt());
        PreparedStatement statement = driver.connection().prepareStatement("");
        FutureTask<int[]> work = fork(statement::executeBatch);
        query.awaitBegin();
        scope.cancel();
        assertThat(failure(work)).hasMessageContaining("execute was cancelled");
    }

    @Test
    void aConnectionIsNotInvalidBecauseItsTestWasCancelled() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        driver.on("Connection.isValid", _ -> validAfter(ended));
        Connection connection = driver.connection();
        FutureTask<Boolean> work = fork(() -> connection.isValid(0));
        Bounded.until(() -> driver.asked().contains("Connection.isValid"));
        scope.cancel("over");
        ended.countDown();
        assertThat(failure(work)).hasMessage("isValid was too late: over");
    }

    private static boolean validAfter(CountDownLatch latch) {
        Bounded.await(latch);
        return false;
    }

    @Test
    void metaDataAreGuardedToo() throws Exception {
        driver.on(
                "DatabaseMetaData.getTables",
                _ -> {
                    throw new SQLException("its own");
                });
        Connection connection = driver.connection();
        var metaData = connection.getMetaData();
        assertThat(metaData.getConnection()).isSameAs(connection);
        assertThatThrownBy(() -> metaData.getTables(null, null, null, null)).hasMessage("its own");
        assertThat(metaData).isEqualTo(metaData).hasToString("fake DatabaseMetaData");
        scope.cancel();
        assertThatThrownBy(() -> scope.call(metaData::getDatabaseProductName))
                .hasMessageContaining("not begun");
    }
}
