// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.jdbc.ContextDataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import java.io.PrintWriter;
import java.io.Writer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;

import javax.sql.DataSource;

class JdbcSwitchTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(NetpollJdbcAutoConfiguration.class))
                    .withBean(Pool.class);

    @Test
    void aDataSourceGoesByTheContextByDefault() {
        application.run(
                context ->
                        assertThat(ContextDataSource.isWrapped(context.getBean(DataSource.class)))
                                .isTrue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"netpoll.jdbc.enabled=false", "netpoll.context.enabled=false"})
    void aDataSourceStaysWhatItIsWith(String off) {
        application
                .withPropertyValues(off)
                .run(
                        context ->
                                assertThat(context.getBean(DataSource.class))
                                        .isExactlyInstanceOf(Pool.class));
    }

    static final class Pool implements DataSource {

        @Override
        public Connection getConnection() throws SQLException {
            throw new SQLException("no database");
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }

        @Override
        public PrintWriter getLogWriter() {
            return new PrintWriter(Writer.nullWriter());
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }

        @Override
        public <T> T unwrap(Class<T> type) {
            return type.cast(this);
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return type.isInstance(this);
        }
    }
}
