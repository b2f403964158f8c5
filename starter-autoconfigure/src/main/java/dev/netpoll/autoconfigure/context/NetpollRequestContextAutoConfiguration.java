// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.context.spring.DeferredBeans;
import dev.netpoll.context.spring.OnStop;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.TaskObserver;
import dev.netpoll.web.DeadlineHeaders;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;
import dev.netpoll.web.mvc.CancelContextFilter;
import dev.netpoll.web.mvc.RequestBeans;
import dev.netpoll.web.mvc.RequestObservations;

import io.micrometer.observation.ObservationFilter;

import jakarta.servlet.DispatcherType;

import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.WebApplicationContext;

/** Gives every request of an embedded Tomcat a context, on the engine and on NIO alike. */
@AutoConfiguration(
        after = NetpollContextAutoConfiguration.class,
        beforeName =
                "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration")
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({Tomcat.class, TomcatServletWebServerFactory.class})
@ConditionalOnNotWarDeployment
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@EnableConfigurationProperties({DeadlineProperties.class, CancelProperties.class})
@ConditionalOnNetpoll
public final class NetpollRequestContextAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    DeadlineHeaders netpollDeadlineHeaders(DeadlineProperties deadlines) {
        return new DeadlineHeaders(deadlines.headers());
    }

    /** Of this server alone: not those of a parent's, which would end when this one stops. */
    @Bean(destroyMethod = "shutDown")
    @ConditionalOnMissingLocalBean
    RequestContexts netpollRequestContexts(
            DeadlineProperties deadlines,
            CancelProperties cancel,
            DeadlineHeaders headers,
            OverdueWatch overdue,
            DeferredBeans<TaskObserver> observers) {
        return new RequestContexts(
                new RequestSettings(
                        deadlines.toRules().and(headers),
                        cancel.onPeerClose(),
                        cancel.halfCloseWindow(),
                        cancel.interrupt(),
                        deadlines.status(),
                        deadlines.hardGrace(),
                        overdue),
                CancelContext.background()
                        .with(TaskObserver.KEY, TaskObserver.first(observers::get)));
    }

    @Bean
    @ConditionalOnMissingLocalBean
    ContextValveCustomizer netpollContextValveCustomizer(
            RequestContexts contexts, ContextProperties properties) {
        return new ContextValveCustomizer(contexts, properties.queryStrings());
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollRequestShutdown")
    OnStop netpollRequestShutdown(RequestContexts requests, CancelProperties cancel) {
        return new OnStop(StopPhases.REQUESTS, () -> requests.shutDown(cancel.shutdownGrace()));
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollRequestRenewal")
    OnStop netpollRequestRenewal(
            ConfigurableApplicationContext application, RequestContexts requests) {
        return OnStop.renewing(application, requests::renew);
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollCancelContextFilter")
    FilterRegistrationBean<CancelContextFilter> netpollCancelContextFilter(
            ContextProperties properties, BackgroundContexts background) {
        boolean mdc = properties.mdc() && ClassUtils.isPresent("org.slf4j.MDC", null);
        var registration = new FilterRegistrationBean<>(new CancelContextFilter(background, mdc));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        registration.setDispatcherTypes(
                DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
        return registration;
    }

    /** Of a request, and without a proxy: a singleton asks an {@code ObjectProvider} for it. */
    @Bean(RequestBeans.CONTEXT)
    @ConditionalOnMissingLocalBean
    @Scope(WebApplicationContext.SCOPE_REQUEST)
    CancelContext netpollCancelContext() {
        return CancelContext.current();
    }

    /** As the context is. */
    @Bean(RequestBeans.DEADLINE)
    @ConditionalOnMissingLocalBean
    @Scope(WebApplicationContext.SCOPE_REQUEST)
    @Nullable Deadline netpollDeadline() {
        return CancelContext.current().deadline();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ObservationFilter.class)
    static class ObservationsConfiguration {

        @Bean
        @ConditionalOnMissingLocalBean
        RequestObservations netpollRequestObservations(RequestContexts contexts) {
            return new RequestObservations(contexts);
        }
    }
}
