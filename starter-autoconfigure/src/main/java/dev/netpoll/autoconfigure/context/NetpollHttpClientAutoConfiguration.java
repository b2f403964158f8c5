// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.http.ContextExchangeFilter;
import dev.netpoll.context.http.ContextHttpRequestFactory;
import dev.netpoll.context.http.HttpCancelListener;
import dev.netpoll.context.http.HttpSettings;
import dev.netpoll.context.micrometer.ThreadBoundState;
import dev.netpoll.context.spring.BeanWrapper;
import dev.netpoll.context.spring.DeferredBeans;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Puts outbound HTTP under the current context: every request factory that Boot builds (for {@code
 * RestClient.Builder}, {@code RestTemplateBuilder} and HTTP service groups), {@code RestTemplate} beans,
 * and {@code WebClient}s from Boot's builder or as beans. A request factory of the application's own is
 * wrapped by {@link ContextHttpRequestFactory#wrap(ClientHttpRequestFactory)}.
 *
 * <p>Each client is optional: no method of this class itself may name a type of one.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "netpoll.http-client.enabled", matchIfMissing = true)
@EnableConfigurationProperties(HttpProperties.class)
@ConditionalOnNetpoll
public final class NetpollHttpClientAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollHttpCancelListeners")
    DeferredBeans<HttpCancelListener> netpollHttpCancelListeners(
            ObjectProvider<HttpCancelListener> listeners) {
        return new DeferredBeans<>(listeners);
    }

    @Bean
    @ConditionalOnMissingLocalBean
    HttpSettings netpollHttpSettings(
            HttpProperties properties, DeferredBeans<HttpCancelListener> listeners) {
        String header = properties.deadlineHeader();
        return new HttpSettings(
                header.isBlank() ? null : header,
                ThreadBoundState.whereAvailable(),
                HttpCancelListener.all(listeners::get));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ClientHttpRequestFactoryBuilderCustomizer.class)
    static class RequestFactoriesConfiguration {

        /** After customizers for the builders of particular clients, which it hides from them. */
        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollRequestFactories")
        @Order(Ordered.LOWEST_PRECEDENCE)
        ClientHttpRequestFactoryBuilderCustomizer<ClientHttpRequestFactoryBuilder<?>>
                netpollRequestFactories(HttpSettings settings) {
            return builder ->
                    client -> ContextHttpRequestFactory.wrap(builder.build(client), settings);
        }

        /** What Boot does where requests have virtual threads. A customizer of the application's stands. */
        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollJdkClientThreads")
        @Order(Ordered.HIGHEST_PRECEDENCE)
        @ConditionalOnBooleanProperty(name = "netpoll.tomcat.enabled", matchIfMissing = true)
        ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder>
                netpollJdkClientThreads() {
            return jdk -> jdk.withExecutor(new VirtualThreadTaskExecutor("httpclient-"));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({RestTemplateCustomizer.class, RestTemplate.class})
    static class RestTemplatesConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollRestTemplates")
        @Order(Ordered.LOWEST_PRECEDENCE)
        RestTemplateCustomizer netpollRestTemplates(HttpSettings settings) {
            return template -> ContextHttpRequestFactory.wrap(template, settings);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RestTemplate.class)
    static class RestTemplateBeansConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollRestTemplateBeans")
        static BeanPostProcessor netpollRestTemplateBeans(ObjectProvider<HttpSettings> settings) {
            return new BeanWrapper<>(
                    RestTemplate.class,
                    template -> ContextHttpRequestFactory.wrap(template, settings.getObject()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({WebClientCustomizer.class, WebClient.class})
    static class WebClientsConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollWebClients")
        @Order(Ordered.LOWEST_PRECEDENCE)
        WebClientCustomizer netpollWebClients(HttpSettings settings) {
            return builder -> ContextExchangeFilter.addTo(builder, settings);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(WebClient.class)
    static class WebClientBeansConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollWebClientBuilderBeans")
        static BeanPostProcessor netpollWebClientBuilderBeans(
                ObjectProvider<HttpSettings> settings) {
            return new BeanWrapper<>(
                    WebClient.Builder.class,
                    builder -> {
                        ContextExchangeFilter.addTo(builder, settings.getObject());
                        return builder;
                    });
        }

        @Bean
        @ConditionalOnMissingLocalBean(name = "netpollWebClientBeans")
        static BeanPostProcessor netpollWebClientBeans(ObjectProvider<HttpSettings> settings) {
            return new BeanWrapper<>(
                    WebClient.class,
                    client -> ContextExchangeFilter.wrap(client, settings.getObject()));
        }
    }
}
