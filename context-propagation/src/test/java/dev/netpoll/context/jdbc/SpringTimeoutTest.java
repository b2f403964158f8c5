// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelScope;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/** The timeouts that Spring sets on statements hold under a deadline as without one. */
class SpringTimeoutTest {

    private static final int DEFAULT = 60;
    private static final int BEHIND_THE_DEADLINE = 12;

    private final FakeDriver driver = new FakeDriver();
    private final AtomicInteger inForce = new AtomicInteger(DEFAULT);
    private final List<Integer> during = new CopyOnWriteArrayList<>();
    private final CancelScope timed =
            new ManualRuntime().background().withTimeout(Duration.ofMillis(10_500));
    private final DataSource pool = ContextDataSource.wrap(driver.pool());
    private final JdbcTemplate jdbc = new JdbcTemplate(pool);

    @BeforeEach
    void aDriverThatRemembersTheTimeout() {
        driver.on("Statement.getQueryTimeout", _ -> inForce.get())
                .on("Statement.setQueryTimeout", arguments -> inForce.getAndSet((int) arguments[0]))
                .on("Statement.execute", _ -> during.add(inForce.get()));
    }

    @Test
    void theTemplatesTimeoutHolds() {
        jdbc.setQueryTimeout(3);
        timed.run(() -> jdbc.execute("select 1"));
        assertThat(during).containsExactly(3);
        assertThat(inForce).hasValue(3);
    }

    @Test
    void aTemplatesTimeoutBehindTheDeadlineIsTightenedAndPutBack() {
        jdbc.setQueryTimeout(30);
        timed.run(() -> jdbc.execute("select 1"));
        assertThat(during).containsExactly(BEHIND_THE_DEADLINE);
        assertThat(inForce).hasValue(30);
    }

    @Test
    void theTransactionsTimeoutHolds() {
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
        transaction.setTimeout(3);
        timed.run(() -> transaction.executeWithoutResult(_ -> jdbc.execute("select 1")));
        assertThat(during).hasSize(1).allMatch(seconds -> seconds > 0 && seconds <= 3);
        assertThat(inForce.get()).isEqualTo(during.getFirst());
    }

    @Test
    void theDriversDefaultHoldsWhereSpringSetsNone() {
        inForce.set(3);
        timed.run(() -> jdbc.execute("select 1"));
        assertThat(during).containsExactly(3);
        assertThat(inForce).hasValue(3);
    }
}
