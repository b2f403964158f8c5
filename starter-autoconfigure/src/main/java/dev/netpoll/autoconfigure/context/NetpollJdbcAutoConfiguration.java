// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.jdbc.CancelListener;
import dev.netpoll.context.jdbc.ContextConnections;
import dev.netpoll.context.jdbc.JdbcSettings;
import dev.netpoll.context.jdbc.spring.ContextDataSourcePostProcessor;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.metadata.CompositeDataSourcePoolMetadataProvider;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadata;
import org.springframework.boot.jdbc.metadata.DataSourcePoolMetadataProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import javax.sql.DataSource;

/**
 * Puts every {@link DataSource} bean under the current context: waiting for a connection is bounded by
 * the deadline, and a cancel reaches the database. The bean keeps its type.
 */
@AutoConfiguration(
        beforeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "netpoll.jdbc.enabled", matchIfMissing = true)
@EnableConfigurationProperties(JdbcProperties.class)
@ConditionalOnNetpoll
public final class NetpollJdbcAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    JdbcSettings netpollJdbcSettings(JdbcProperties properties) {
        return properties.settings();
    }

    /**
     * Of this context alone: a parent's does not see the beans of a child. The listeners are looked up late,
     * since data sources are made before nearly everything else.
     */
    @Bean
    @ConditionalOnMissingLocalBean
    static ContextDataSourcePostProcessor netpollDataSourcePostProcessor(
            ObjectProvider<JdbcSettings> settings, ObjectProvider<CancelListener> listeners) {
        return new ContextDataSourcePostProcessor(
                () ->
                        new ContextConnections(
                                settings.getObject(),
                                CancelListener.all(() -> listeners.orderedStream().toList())));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(DataSourcePoolMetadataProvider.class)
    static class PoolMetadataConfiguration {

        /**
         * The first of the providers. Boot's own for HikariCP reads a field of the pool, which is empty in a
         * proxy; this one lets the others look at the pool behind it.
         */
        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollPoolMetadata")
        @Order(Ordered.HIGHEST_PRECEDENCE)
        DataSourcePoolMetadataProvider netpollPoolMetadata(
                ObjectProvider<DataSourcePoolMetadataProvider> providers) {
            return source -> behind(source, providers);
        }

        private static @Nullable DataSourcePoolMetadata behind(
                DataSource source, ObjectProvider<DataSourcePoolMetadataProvider> providers) {
            return AopProxyUtils.getSingletonTarget(source) instanceof DataSource target
                    ? new CompositeDataSourcePoolMetadataProvider(providers.stream().toList())
                            .getDataSourcePoolMetadata(target)
                    : null;
        }
    }
}
