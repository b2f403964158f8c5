// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.mvc.AdmissionFilter;
import dev.netpoll.web.mvc.AdmissionInterceptor;
import dev.netpoll.web.mvc.AdmissionMvcConfigurer;

import jakarta.servlet.DispatcherType;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Admission control, where the properties ask for it: a filter that bounds how many run, an interceptor that goes by the time left. */
@AutoConfiguration(after = NetpollRequestContextAutoConfiguration.class)
@ConditionalOnClass({DispatcherServlet.class, WebMvcConfigurer.class})
@ConditionalOnBean(RequestContexts.class)
@Conditional(NetpollAdmissionAutoConfiguration.AskedFor.class)
@EnableConfigurationProperties(AdmissionProperties.class)
@ConditionalOnNetpoll
public final class NetpollAdmissionAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    AdmissionControl netpollAdmissionControl(AdmissionProperties properties) {
        return new AdmissionControl(properties.settings(), ContextRuntime.system());
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollAdmissionFilter")
    FilterRegistrationBean<AdmissionFilter> netpollAdmissionFilter(
            AdmissionControl admission, AdmissionProperties properties) {
        var registration =
                new FilterRegistrationBean<>(
                        new AdmissionFilter(
                                admission, properties.retryAfter(), properties.excluded()));
        // After the one that observes requests: refusals are to be seen in the meters.
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
        registration.setDispatcherTypes(DispatcherType.REQUEST);
        return registration;
    }

    @Bean
    @ConditionalOnMissingLocalBean
    AdmissionMvcConfigurer netpollAdmissionMvcConfigurer(
            AdmissionControl admission, AdmissionProperties properties) {
        return new AdmissionMvcConfigurer(
                new AdmissionInterceptor(admission, properties.retryAfter()));
    }

    /** One of the two. */
    static final class AskedFor extends AnyNestedCondition {

        AskedFor() {
            super(ConfigurationPhase.REGISTER_BEAN);
        }

        @ConditionalOnProperty("netpoll.admission.max-concurrent")
        static final class ByPlaces {}

        @ConditionalOnBooleanProperty("netpoll.admission.by-remaining-time")
        static final class ByTime {}
    }
}
