// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelScope;
import dev.netpoll.test.ManualRuntime;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The driver's own query timeout: a deadline may tighten it for a call, and nothing else. The driver
 * here has one timeout for each kind of statement, as if a pool kept the statements.
 */
class QueryTimeoutTest extends CancelledCalls {

    private static final int BEHIND_THE_DEADLINE = 12;

    private final AtomicInteger inForce = new AtomicInteger();
    private final List<Integer> during = new CopyOnWriteArrayList<>();
    private final CancelScope timed =
            new ManualRuntime().background().withTimeout(Duration.ofMillis(10_500));
    private Connection connection;

    @BeforeEach
    void aDriverThatRemembersTheTimeout() throws SQLException {
        for (String type : List.of("Statement", "PreparedStatement")) {
            driver.on(type + ".getQueryTimeout", _ -> inForce.get())
                    .on(type + ".setQueryTimeout", arguments -> set((int) arguments[0]));
        }
        driver.on("Statement.execute", _ -> note(false))
                .on("Statement.executeBatch", _ -> note(new int[0]))
                .on("PreparedStatement.execute", _ -> note(false));
        connection = driver.connection(new JdbcSettings(MILLI, HOUR, true));
    }

    private Object set(int seconds) {
        inForce.set(seconds);
        return null;
    }

    private Object note(Object result) {
        during.add(inForce.get());
        return result;
    }

    @Test
    void aShorterDefaultOfTheDriversIsNeitherLengthenedNorErased() throws Exception {
        inForce.set(3);
        Statement statement = connection.createStatement();
        timed.call(() -> statement.execute(""));
        assertThat(during).containsExactly(3);
        assertThat(statement.getQueryTimeout()).isEqualTo(3);
        assertThat(driver.asked()).doesNotContain("Statement.setQueryTimeout");
    }

    @Test
    void aLongerDefaultOfTheDriversIsTightenedAndPutBack() throws Exception {
        inForce.set(60);
        Statement statement = connection.createStatement();
        timed.call(() -> statement.execute(""));
        assertThat(during).containsExactly(BEHIND_THE_DEADLINE);
        assertThat(statement.getQueryTimeout()).isEqualTo(60);
    }

    @Test
    void oneThatIsSetBetweenTwoCallsCountsFromThen() throws Exception {
        Statement statement = connection.createStatement();
        timed.call(() -> statement.execute(""));
        statement.setQueryTimeout(3);
        timed.call(() -> statement.execute(""));
        statement.setQueryTimeout(60);
        timed.call(() -> statement.execute(""));
        statement.setQueryTimeout(0);
        timed.call(() -> statement.execute(""));
        assertThat(during)
                .containsExactly(BEHIND_THE_DEADLINE, 3, BEHIND_THE_DEADLINE, BEHIND_THE_DEADLINE);
        assertThat(inForce).hasValue(0);
    }

    @Test
    void oneThatIsSetOnTheDriversOwnStatementCountsToo() throws Exception {
        Statement statement = connection.createStatement();
        timed.call(() -> statement.execute(""));
        statement.unwrap(driver.of(Statement.class).getClass()).setQueryTimeout(3);
        timed.call(() -> statement.execute(""));
        assertThat(during).containsExactly(BEHIND_THE_DEADLINE, 3);
        assertThat(inForce).hasValue(3);
    }

    @Test
    void aStatementFromThePoolsCacheKeepsWhatItsLastUserLeft() throws Exception {
        PreparedStatement first = connection.prepareStatement("");
        first.setQueryTimeout(3);
        first.close();
        PreparedStatement again = connection.prepareStatement("");
        timed.call(() -> again.execute());
        assertThat(during).containsExactly(3);
        assertThat(inForce).hasValue(3);
    }

    @Test
    void itIsPutBackAfterABatch() throws Exception {
        inForce.set(60);
        Statement statement = connection.createStatement();
        timed.call(statement::executeBatch);
        assertThat(during).containsExactly(BEHIND_THE_DEADLINE);
        assertThat(inForce).hasValue(60);
    }

    @Test
    void itIsPutBackAfterAFailure() throws Exception {
        inForce.set(60);
        driver.on(
                "Statement.execute",
                _ -> {
                    note(false);
                    throw new SQLException("duplicate key", "23505");
                });
        Statement statement = connection.createStatement();
        assertThatThrownBy(() -> timed.call(() -> statement.execute("")))
                .hasMessage("duplicate key");
        assertThat(during).containsExactly(BEHIND_THE_DEADLINE);
        assertThat(inForce).hasValue(60);
    }

    @Test
    void itIsPutBackAfterACancel() throws Exception {
        inForce.set(60);
        driver.on("Statement.execute", query).on("Statement.cancel", _ -> cancelIt());
        Statement statement = connection.createStatement();
        FutureTask<Boolean> work = Bounded.fork(() -> timed.call(() -> statement.execute("slow")));
        query.awaitBegin();
        assertThat(inForce).hasValue(BEHIND_THE_DEADLINE);
        timed.cancel("enough");
        assertThat(failure(work)).hasMessage("execute was cancelled: enough");
        assertThat(inForce).hasValue(60);
    }

    @Test
    void withoutADeadlineTheDriverIsNotEvenAsked() throws Exception {
        Statement statement = connection.createStatement();
        scope.call(() -> statement.execute(""));
        assertThat(driver.asked())
                .containsExactly("Connection.createStatement", "Statement.execute");
    }

    @Test
    void aDriverThatHasNoQueryTimeoutsIsAskedForOneOnce() throws Exception {
        for (String method : List.of("Statement.getQueryTimeout", "Statement.setQueryTimeout")) {
            driver.on(
                    method,
                    _ -> {
                        throw new SQLFeatureNotSupportedException("no timeouts here");
                    });
        }
        Statement statement = connection.createStatement();
        timed.call(() -> statement.execute("one"));
        timed.call(() -> statement.execute("two"));
        assertThat(driver.asked())
                .containsExactly(
                        "Connection.createStatement",
                        "Statement.getQueryTimeout",
                        "Statement.execute",
                        "Statement.execute");
    }
}
