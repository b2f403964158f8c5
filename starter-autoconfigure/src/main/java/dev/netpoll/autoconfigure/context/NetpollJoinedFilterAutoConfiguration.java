// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.web.mvc.JoinedFilter;

import jakarta.servlet.DispatcherType;

import org.apache.catalina.startup.Tomcat;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnNotWarDeployment;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.boot.servlet.filter.OrderedRequestContextFilter;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

import java.util.EnumSet;
import java.util.Objects;

/** Runs Spring Boot's filters as one where nothing stands between them. */
@AutoConfiguration(
        beforeName =
                "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration")
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass({
    Tomcat.class,
    TomcatServletWebServerFactory.class,
    OrderedRequestContextFilter.class
})
@ConditionalOnNotWarDeployment
@ConditionalOnBooleanProperty(name = "netpoll.joined-filters.enabled", matchIfMissing = true)
@ConditionalOnNetpoll
public final class NetpollJoinedFilterAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollJoinedFilter")
    FilterRegistrationBean<JoinedFilter> netpollJoinedFilter() {
        var registration = new FilterRegistrationBean<>(new JoinedFilter());
        registration.setName("netpollJoinedFilter");
        registration.setOrder(Ordered.LOWEST_PRECEDENCE);
        registration.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
        return registration;
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollFilterJoiner")
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> netpollFilterJoiner(
            FilterRegistrationBean<JoinedFilter> netpollJoinedFilter) {
        return factory ->
                factory.addContextLifecycleListeners(
                        new FilterJoiner(Objects.requireNonNull(netpollJoinedFilter.getFilter())));
    }
}
