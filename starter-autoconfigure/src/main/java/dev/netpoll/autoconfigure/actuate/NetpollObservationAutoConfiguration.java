// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.EndpointsByPath;
import dev.netpoll.actuate.SpareMappings;
import dev.netpoll.actuate.observation.ObservationMode;
import dev.netpoll.actuate.observation.RequestObservationFilter;
import dev.netpoll.actuate.observation.TraceIds;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.opentelemetry.sdk.trace.SdkTracerProvider;

import jakarta.servlet.DispatcherType;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.CorsEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingFilterBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationProperties;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.webmvc.actuate.endpoint.web.WebMvcEndpointHandlerMapping;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationConvention;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.DispatcherServlet;

/** Observes the server's requests, in place of the filter that Spring Boot would register. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
            "org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration",
            "org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration"
        },
        beforeName =
                "org.springframework.boot.webmvc.autoconfigure.WebMvcObservationAutoConfiguration")
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({
    ServerHttpObservationFilter.class,
    ObservationProperties.class,
    MeterRegistry.class
})
@ConditionalOnBean(ObservationRegistry.class)
@EnableConfigurationProperties(ObservationProperties.class)
@ConditionalOnNetpoll
public final class NetpollObservationAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    static ObservationMode netpollObservationMode(
            ConfigurableListableBeanFactory beans, Environment environment) {
        return new ObservationMode(beans, environment);
    }

    @Bean
    @ConditionalOnMissingLocalBean
    static SpareMappings netpollSpareMappings() {
        return new SpareMappings();
    }

    /** As Spring Boot registers its own, which backs off for this type alone. */
    @Bean
    @ConditionalOnMissingFilterBean(ServerHttpObservationFilter.class)
    FilterRegistrationBean<ServerHttpObservationFilter> netpollRequestObservationFilter(
            ObservationMode mode,
            ObservationRegistry registry,
            ObjectProvider<ServerRequestObservationConvention> convention,
            ObservationProperties properties) {
        String name = properties.getHttp().getServer().getRequests().getName();
        FilterRegistrationBean<ServerHttpObservationFilter> registration =
                new FilterRegistrationBean<>(
                        new RequestObservationFilter(
                                mode,
                                registry,
                                convention.getIfAvailable(
                                        () ->
                                                new DefaultServerRequestObservationConvention(
                                                        name))));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC);
        return registration;
    }

    /** The endpoints on the application's own port, under the name that Spring Boot's have. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({WebMvcEndpointHandlerMapping.class, ConditionalOnManagementPort.class})
    @ConditionalOnManagementPort(ManagementPortType.SAME)
    @ConditionalOnBean({DispatcherServlet.class, WebEndpointsSupplier.class})
    @EnableConfigurationProperties(CorsEndpointProperties.class)
    static class EndpointsConfiguration {

        @Bean
        @ConditionalOnMissingBean(WebMvcEndpointHandlerMapping.class)
        EndpointsByPath webEndpointServletHandlerMapping(ListableBeanFactory beans) {
            return EndpointsByPath.of(beans);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({SdkTracerProvider.class, SdkTracerProviderBuilderCustomizer.class})
    static class TraceIdsConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean
        TraceIds netpollTraceIds() {
            return new TraceIds();
        }
    }
}
