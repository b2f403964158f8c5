// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.resilience.ContextRegistries;
import dev.netpoll.context.resilience.ContextRetry;
import dev.netpoll.context.spring.BeanWrapper;

import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.bulkhead.ThreadPoolBulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Puts Resilience4j under the current context, by its registries: the aspects of its annotations and
 * code that asks a registry get context-aware instances. Each part is optional.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "netpoll.resilience4j.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ResilienceProperties.class)
@ConditionalOnNetpoll
public final class NetpollResilience4jAutoConfiguration {

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RetryRegistry.class)
    static class RetriesConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollRetries")
        static BeanPostProcessor netpollRetries() {
            ContextRetry.boundPauses();
            return new BeanWrapper<>(RetryRegistry.class, ContextRegistries::wrap);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(TimeLimiterRegistry.class)
    static class TimeLimitersConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollTimeLimiters")
        static BeanPostProcessor netpollTimeLimiters() {
            return new BeanWrapper<>(TimeLimiterRegistry.class, ContextRegistries::wrap);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(BulkheadRegistry.class)
    static class BulkheadsConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollBulkheads")
        static BeanPostProcessor netpollBulkheads() {
            return new BeanWrapper<>(BulkheadRegistry.class, ContextRegistries::wrap);
        }

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollThreadPoolBulkheads")
        static BeanPostProcessor netpollThreadPoolBulkheads() {
            return new BeanWrapper<>(ThreadPoolBulkheadRegistry.class, ContextRegistries::wrap);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(CircuitBreakerRegistry.class)
    static class CircuitBreakersConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollCircuitBreakers")
        static BeanPostProcessor netpollCircuitBreakers() {
            return new BeanWrapper<>(CircuitBreakerRegistry.class, ContextRegistries::wrap);
        }
    }
}
