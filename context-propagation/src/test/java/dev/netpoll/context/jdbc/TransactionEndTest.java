// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.QuietLog;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;

/** Transactions of a context that has ended: nothing is committed, everything can be put in order. */
class TransactionEndTest {

    private final FakeDriver driver = new FakeDriver();
    private final RunningQuery query = new RunningQuery();
    private final CancelScope scope = CancelContext.background().withCancel();

    @AfterEach
    void nothingIsLeftBehind() {
        scope.close();
        assertThat(Thread.interrupted()).as("an interrupt leaked into the test's thread").isFalse();
    }

    @Test
    void aCommitAfterTheEndRollsBackAndSaysWhy() throws Exception {
        Connection connection = driver.connection();
        scope.cancel("too late");
        assertThatThrownBy(() -> scope.run(() -> sneaky(connection::commit)))
                .hasMessage("commit was not begun: too late")
                .hasCauseInstanceOf(CancelledException.class);
        assertThat(driver.asked()).containsExactly("Connection.rollback");
    }

    @Test
    void aRollbackThatFailsInsteadOfTheCommitIsNotLost() throws Exception {
        driver.on(
                "Connection.rollback",
                _ -> {
                    throw new SQLException("broken", "08006");
                });
        Connection connection = driver.connection();
        scope.cancel();
        assertThatThrownBy(() -> scope.run(() -> sneaky(connection::commit)))
                .hasMessageContaining("commit was not begun")
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("broken"));
    }

    @Test
    void aCommitThatHasBegunIsNotCancelled() throws Exception {
        driver.on("Connection.commit", query);
        Connection connection =
                driver.connection(
                        new JdbcSettings(Duration.ofMillis(1), Duration.ofMillis(1), false));
        FutureTask<Boolean> work =
                Bounded.fork(
                        () -> {
                            try (InterruptScope interrupts = InterruptScope.open(scope)) {
                                scope.run(() -> sneaky(connection::commit));
                                return interrupts.interrupted();
                            }
                        });
        query.awaitBegin();
        scope.cancel();
        query.finish();
        assertThat(Bounded.get(work)).as("interrupted, and only afterwards").isTrue();
        assertThat(driver.asked()).containsExactly("Connection.commit");
    }

    @Test
    void whatPutsThingsInOrderWorksAfterTheEnd() throws Exception {
        List<Boolean> interrupted = new CopyOnWriteArrayList<>();
        FakeDriver.Body look =
                _ -> {
                    interrupted.add(Thread.currentThread().isInterrupted());
                    return null;
                };
        driver.on("Connection.rollback", look)
                .on("Connection.setReadOnly", look)
                .on("Connection.close", look)
                .on("Statement.close", look)
                .on("ResultSet.close", look);
        Connection connection = driver.connection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("");
        try (InterruptScope _ = InterruptScope.open(scope)) {
            scope.cancel();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            scope.run(
                    () -> {
                        sneaky(rows::close);
                        sneaky(statement::close);
                        sneaky(connection::rollback);
                        sneaky(() -> connection.setReadOnly(false));
                        sneaky(connection::close);
                    });
            assertThat(Thread.currentThread().isInterrupted()).as("between the calls").isTrue();
        }
        assertThat(interrupted).hasSize(5).containsOnly(false);
    }

    @Test
    void switchingToAutoCommitDoesNotCommitBehindTheEndsBack() throws Exception {
        Connection connection = driver.connection();
        scope.cancel();
        scope.run(() -> sneaky(() -> connection.setAutoCommit(true)));
        assertThat(driver.asked())
                .containsExactly("Connection.rollback", "Connection.setAutoCommit");
    }

    @Test
    void switchingToAutoCommitInTimeIsLeftAlone() throws Exception {
        Connection connection = driver.connection();
        scope.run(() -> sneaky(() -> connection.setAutoCommit(true)));
        assertThat(driver.asked()).containsExactly("Connection.setAutoCommit");
    }

    @Test
    void aRollbackThatGetsNoAnswerLosesTheConnection() throws Exception {
        driver.on("Connection.rollback", query)
                .on(
                        "Connection.abort",
                        _ -> {
                            query.fail(new SQLException("socket closed", "08006"));
                            return null;
                        });
        Connection connection =
                driver.connection(
                        new JdbcSettings(Duration.ofMillis(1), Duration.ofMillis(10), false));
        scope.cancel("over");
        try (QuietLog _ = new QuietLog(GuardedCall.class)) {
            assertThatThrownBy(() -> scope.run(() -> sneaky(connection::rollback)))
                    .hasMessage("rollback was cancelled: over");
        }
        assertThat(driver.asked())
                .containsSubsequence("Connection.rollback", "Connection.abort")
                .doesNotContain("Statement.cancel");
    }

    private static void sneaky(SqlAction action) {
        try {
            action.run();
        } catch (SQLException e) {
            TransactionEndTest.<RuntimeException>hurl(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> void hurl(Exception e) throws E {
        throw (E) e;
    }
}
