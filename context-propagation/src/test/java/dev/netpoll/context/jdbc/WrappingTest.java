// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;

import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

import javax.sql.DataSource;

/** The wrappers themselves: nothing of JDBC gets lost in them. */
class WrappingTest {

    private static final Set<String> OUR_OWN =
            Set.of("unwrap", "isWrapperFor", "getConnection", "getStatement");

    private final FakeDriver driver = new FakeDriver();

    @Test
    void everyMethodReachesTheDriver() throws Exception {
        Connection connection = driver.connection();
        Statement statement = connection.createStatement();
        check(Connection.class, connection);
        check(Statement.class, statement);
        check(PreparedStatement.class, connection.prepareStatement(""));
        check(CallableStatement.class, connection.prepareCall(""));
        check(ResultSet.class, statement.executeQuery(""));
        check(DataSource.class, new ContextDataSource(driver.pool()));
    }

    /** Calls each of its methods and looks whether the driver's object was asked the same. */
    private void check(Class<?> type, Object wrapper) throws Exception {
        for (Method method : type.getMethods()) {
            if (Modifier.isStatic(method.getModifiers())
                    || OUR_OWN.contains(method.getName())
                    || isByLabel(type, method)) {
                continue;
            }
            String name = type.getSimpleName() + "." + method.getName();
            boolean[] asked = new boolean[1];
            Object[] given = Arrays.stream(method.getParameterTypes()).map(driver::some).toArray();
            Object answer = driver.some(method.getReturnType());
            driver.on(
                    name,
                    arguments -> {
                        asked[0] |= Arrays.equals(arguments, given);
                        return answer;
                    });
            Object result = method.invoke(wrapper, given);
            assertThat(asked[0]).as("%s was handed on", method).isTrue();
            if (answer != null && !(answer instanceof Wrapper)) {
                assertThat(result).as("%s's result", method).isEqualTo(answer);
            }
        }
    }

    /** Goes to the driver by the column's index, which the driver is asked for. */
    private static boolean isByLabel(Class<?> type, Method method) {
        return type == ResultSet.class
                && method.getName().equals("getObject")
                && method.getParameterTypes()[0] == String.class;
    }

    @Test
    void aValueOfAnyTypeIsReadByTheIndexOfItsLabel() throws Exception {
        driver.on("ResultSet.findColumn", label -> label[0].equals("name") ? 7 : 0)
                .on("ResultSet.getObject", arguments -> arguments[0].equals(7) ? "read" : null);
        ResultSet rows = driver.connection().createStatement().executeQuery("");
        assertThat(rows.getObject("name")).isEqualTo("read");
        assertThat(rows.getObject("name", Map.of())).isEqualTo("read");
        assertThat(rows.getObject("name", String.class)).isEqualTo("read");
    }

    @Test
    void thePoolIsFoundThroughTheWrapper() throws Exception {
        try (HikariDataSource hikari = new HikariDataSource()) {
            DataSource wrapped = ContextDataSource.wrap(hikari);
            assertThat(wrapped.isWrapperFor(HikariDataSource.class)).isTrue();
            assertThat(wrapped.unwrap(HikariDataSource.class)).isSameAs(hikari);
            assertThat(wrapped.unwrap(DataSource.class)).isSameAs(wrapped);
            ((AutoCloseable) wrapped).close();
            assertThat(hikari.isClosed()).isTrue();
        }
    }

    @Test
    void theDriversObjectsAreFoundThroughTheWrappers() throws Exception {
        Connection connection = driver.connection();
        Statement statement = connection.createStatement();
        assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
        assertThat(connection.isWrapperFor(driver.of(Connection.class).getClass())).isTrue();
        assertThat(connection.unwrap(driver.of(Connection.class).getClass()))
                .isSameAs(driver.of(Connection.class));
        assertThat(statement.getConnection()).isSameAs(connection);
        assertThat(statement.executeQuery("").getStatement()).isSameAs(statement);
        assertThat(statement.getGeneratedKeys().getStatement()).isSameAs(statement);
        assertThat(connection).hasToString("context-aware fake Connection");
    }

    @Test
    void whatIsWrappedAlreadyIsNotWrappedAgain() {
        DataSource once = ContextDataSource.wrap(driver.pool());
        assertThat(once).isInstanceOf(ContextDataSource.class);
        assertThat(ContextDataSource.wrap(once)).isSameAs(once);
        DataSource lazy = new LazyConnectionDataSourceProxy(once);
        assertThat(ContextDataSource.wrap(lazy)).isSameAs(lazy);
    }

    @Test
    void aRouterThatDoesNotKnowItsTargetYetIsWrapped() {
        driver.on(
                "DataSource.isWrapperFor",
                _ -> {
                    throw new IllegalStateException("no tenant");
                });
        assertThat(ContextDataSource.wrap(driver.pool())).isInstanceOf(ContextDataSource.class);
    }

    @Test
    void aConnectionOfAWrappedPoolIsNotWrappedAgain() throws Exception {
        Connection connection = driver.connection();
        DataSource outer = new ContextDataSource(new SingleConnectionDataSource(connection, false));
        assertThat(outer.getConnection()).isSameAs(connection);
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> new JdbcSettings(java.time.Duration.ZERO, FakeDriver.HOUR, false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aPoolThatCannotBeClosedIsLeftOpen() throws SQLException {
        ((ContextDataSource) ContextDataSource.wrap(driver.pool())).close();
        assertThat(driver.asked()).isEmpty();
    }
}
