package dev.netpoll.autoconfigure.context;

import dev.netpoll.actuate.AdmissionReport;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.resilience.AdmissionControl;
import dev.netpoll.tomcat.RequestContexts;

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
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import java.util.Map;
import java.util.TreeMap;

/** Admission control, where the properties ask for it: a filter for places, an interceptor for time. */
@AutoConfiguration(after = RequestContextAutoConfiguration.class)
@ConditionalOnClass({DispatcherServlet.class, WebMvcConfigurer.class})
@ConditionalOnBean(RequestContexts.class)
@Conditional(AdmissionAutoConfiguration.AskedFor.class)
@EnableConfigurationProperties(AdmissionProperties.class)
public final class AdmissionAutoConfiguration {

    @Bean
    AdmissionControl netpollAdmissionControl(AdmissionProperties properties) {
        return new AdmissionControl(properties.settings(), ContextRuntime.system());
    }

    @Bean
    FilterRegistrationBean<AdmissionFilter> netpollAdmissionFilter(
            AdmissionControl admission, AdmissionProperties properties) {
        var registration = new FilterRegistrationBean<>(new AdmissionFilter(admission, properties));
        // After the one that observes requests: refusals are to be seen in the meters.
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
        registration.setDispatcherTypes(DispatcherType.REQUEST);
        return registration;
    }

    @Bean
    AdmissionMvcConfigurer netpollAdmissionMvcConfigurer(
            AdmissionControl admission, AdmissionProperties properties) {
        return new AdmissionMvcConfigurer(
                new AdmissionInterceptor(admission, properties.retryAfter()));
    }

    /** What the endpoint says of it, where there is one. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "dev.netpoll.actuate.AdmissionReport")
    static class ReportConfiguration {

        @Bean
        AdmissionReport netpollAdmissionReport(AdmissionControl admission) {
            return () -> Described.of(admission);
        }
    }

    /**
     * @param running how many requests run now
     * @param maxConcurrent how many may; 0 for any number
     * @param refusedBusy how many were refused because too many ran
     * @param refusedLate how many were refused because they had too little time
     * @param neededMillis by route, what half of the latest successes did not exceed
     */
    record Described(
            int running,
            int maxConcurrent,
            long refusedBusy,
            long refusedLate,
            Map<String, Double> neededMillis) {

        private static final double NANOS_PER_MILLI = 1e6;

        static Described of(AdmissionControl admission) {
            AdmissionControl.Statistics now = admission.statistics();
            Map<String, Double> needed = new TreeMap<>();
            now.needed()
                    .forEach((route, time) -> needed.put(route, time.toNanos() / NANOS_PER_MILLI));
            return new Described(
                    now.running(),
                    admission.settings().maxConcurrent(),
                    now.refusedBusy(),
                    now.refusedLate(),
                    needed);
        }
    }

    record AdmissionMvcConfigurer(AdmissionInterceptor interceptor) implements WebMvcConfigurer {

        @Override
        public void addInterceptors(InterceptorRegistry registry) {
            registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE + 1);
        }
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
