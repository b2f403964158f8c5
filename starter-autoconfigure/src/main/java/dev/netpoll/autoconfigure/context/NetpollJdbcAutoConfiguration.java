package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.CancelReport;
import dev.netpoll.context.jdbc.ContextDataSource;
import dev.netpoll.context.jdbc.JdbcSettings;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

import javax.sql.DataSource;

/**
 * Puts every {@link DataSource} bean under the current context: waiting for a connection is bounded by
 * the deadline, and a cancel reaches the database. Whoever needs the pool itself unwraps it.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "netpoll.jdbc.enabled", matchIfMissing = true)
@EnableConfigurationProperties(JdbcProperties.class)
@ConditionalOnNetpoll
public final class NetpollJdbcAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "contextDataSources", search = SearchStrategy.CURRENT)
    static BeanPostProcessor contextDataSources(ObjectProvider<CancelListener> listeners) {
        return new ContextDataSources(listeners);
    }

    private static final class ContextDataSources implements BeanPostProcessor {

        private final ObjectProvider<CancelListener> listeners;

        ContextDataSources(ObjectProvider<CancelListener> listeners) {
            this.listeners = listeners;
        }

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            return bean instanceof DataSource pool && !(bean instanceof ContextDataSource)
                    ? ContextDataSource.wrap(pool, JdbcSettings.DEFAULTS, this::tell)
                    : bean;
        }

        /** Asked for only now: a data source comes before nearly everything else. */
        private void tell(CancelReport report) {
            listeners.orderedStream().forEach(listener -> listener.cancelled(report));
        }
    }
}
