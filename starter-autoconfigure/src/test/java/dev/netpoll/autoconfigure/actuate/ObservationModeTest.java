// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.observation.ObservationMode;
import dev.netpoll.actuate.observation.RequestObservationFilter;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.samplers.Sampler;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.util.stream.Stream;

/** What has requests observed by Spring's filter: each part that may change what comes of an observation. */
@ExtendWith(OutputCaptureExtension.class)
class ObservationModeTest {

    private ConfigurableApplicationContext context;

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void whereAllIsSpringBootsItIsFastAndTheLogAndTheActuatorSaySo(CapturedOutput output)
            throws Exception {
        assertThat(mode(Nothing.class)).isEqualTo("fast");
        assertThat(output)
                .containsOnlyOnce(
                        "INFO RequestObservationFilter Requests are observed by netpoll: fast");
        assertThat(endpoint()).contains("\"observation\":\"fast\"");
        assertThat(recorded()).as("%s", Watched.meters(context)).isEqualTo(1);
    }

    @Test
    void withoutATracerItIsFastAsWell() throws Exception {
        context =
                WatchedApplication.run(
                        Nothing.class,
                        Stream.of(
                                "--spring.autoconfigure.exclude="
                                        + String.join(
                                                ",",
                                                "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
                                                "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration")));
        assertThat(context.getBean(ObservationMode.class)).hasToString("fast");
        assertThat(recorded()).as("%s", Watched.meters(context)).isEqualTo(1);
    }

    @Test
    void aPropertySwitchesItOff() throws Exception {
        assertBoot(
                "netpoll.observation.enabled is false",
                Nothing.class,
                "--netpoll.observation.enabled=false");
        assertThat(endpoint())
                .contains(
                        "\"observation\":\"boot (because netpoll.observation.enabled is false)\"");
    }

    @Test
    void aHandlerForMetersOfTheApplication() throws Exception {
        assertBoot("the MeterObservationHandler 'mine' is the application's own", OfMeters.class);
    }

    @Test
    void aGroupOfHandlersOfTheApplication() throws Exception {
        assertBoot("the ObservationHandlerGroup 'mine' is the application's own", OfGroup.class);
    }

    @Test
    void aSamplerOfTheApplication() throws Exception {
        assertBoot("the Sampler 'mine' is the application's own", OfSampler.class);
    }

    @Test
    void aPropagatorOfTheApplication() throws Exception {
        assertBoot("the TextMapPropagator 'mine' is the application's own", OfPropagator.class);
    }

    @Test
    void aGeneratorOfIdsOfTheApplication() throws Exception {
        assertBoot(
                "the SdkTracerProviderBuilderCustomizer 'mine' is the application's own",
                OfIds.class);
    }

    @Test
    void aTracerThatDoesNothing() throws Exception {
        assertBoot("the Tracer 'mine' is the application's own", OfTracer.class);
    }

    @Test
    void aConventionOfTheApplication() throws Exception {
        assertBoot(
                "the ServerRequestObservationConvention '"
                        + OfConvention.Mine.class.getName()
                        + "' is the application's own",
                OfConvention.class);
    }

    @Test
    void aFilterOfTheApplicationStays() throws Exception {
        assertBoot("the application has a filter of its own for it", OfFilter.class);
        assertThat(context.getBeansOfType(FilterRegistrationBean.class).values())
                .extracting(FilterRegistrationBean::getFilter)
                .noneMatch(RequestObservationFilter.class::isInstance);
    }

    @Test
    void whereSpansThatAreNotSampledAreWantedBesideTimersTheyAreCurrentThere() throws Exception {
        context =
                WatchedApplication.run(
                        Nothing.class,
                        Stream.of(
                                "--management.tracing.sampling.probability=0",
                                "--management.tracing.exemplars.include=all",
                                "--spring.autoconfigure.exclude=org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
                                    + "org.springframework.boot.micrometer.tracing.autoconfigure.prometheus.PrometheusExemplarsAutoConfiguration"));
        assertThat(context.getBean(ObservationMode.class)).hasToString("fast");
        assertThat(recorded()).as("%s", Watched.meters(context)).isEqualTo(1);
    }

    private String mode(Class<?> more, String... properties) {
        context = WatchedApplication.run(more, Stream.of(properties));
        return context.getBean(ObservationMode.class).toString();
    }

    /** And requests are observed all the same. */
    private void assertBoot(String reason, Class<?> more, String... properties) throws Exception {
        assertThat(mode(more, properties)).isEqualTo("boot (because " + reason + ")");
        assertThat(recorded()).as("%s", Watched.meters(context)).isEqualTo(1);
    }

    private String endpoint() throws Exception {
        return Wire.get(ObservedApplication.port(context), "/actuator/netpoll").body();
    }

    /** By one filter: two would count each request twice. */
    private long recorded() throws Exception {
        assertThat(context.getBeansOfType(FilterRegistrationBean.class).values())
                .filteredOn(each -> each.getFilter() instanceof ServerHttpObservationFilter)
                .hasSize(1);
        Wire.get(ObservedApplication.port(context), "/status/204");
        MeterRegistry registry = context.getBean(MeterRegistry.class);
        return dev.netpoll.testsupport.Bounded.eventually(
                () ->
                        registry.find("http.server.requests").tag("status", "204").timers().stream()
                                .mapToLong(Timer::count)
                                .sum(),
                count -> count > 0);
    }

    /** Of the application's own. */
    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    /** A handler. */
    @Configuration(proxyBeanMethods = false)
    static class OfMeters {

        @Bean
        MeterObservationHandler<Observation.Context> mine(MeterRegistry registry) {
            return new DefaultMeterObservationHandler(registry);
        }
    }

    /** A group. */
    @Configuration(proxyBeanMethods = false)
    static class OfGroup {

        @Bean
        ObservationHandlerGroup mine() {
            return ObservationHandlerGroup.of(NoHandler.class);
        }
    }

    /** None is of it. */
    interface NoHandler extends io.micrometer.observation.ObservationHandler<Observation.Context> {}

    /** A sampler. */
    @Configuration(proxyBeanMethods = false)
    static class OfSampler {

        @Bean
        Sampler mine() {
            return Sampler.alwaysOff();
        }
    }

    /** A propagator. */
    @Configuration(proxyBeanMethods = false)
    static class OfPropagator {

        @Bean
        TextMapPropagator mine() {
            return TextMapPropagator.noop();
        }
    }

    /** Ids. */
    @Configuration(proxyBeanMethods = false)
    static class OfIds {

        @Bean
        SdkTracerProviderBuilderCustomizer mine() {
            return builder -> builder.setIdGenerator(IdGenerator.random());
        }
    }

    /** A tracer. */
    @Configuration(proxyBeanMethods = false)
    static class OfTracer {

        @Bean
        Tracer mine() {
            return Tracer.NOOP;
        }
    }

    /** A convention. */
    @Configuration(proxyBeanMethods = false)
    static class OfConvention {

        @Bean
        Mine mine() {
            return new Mine();
        }

        /** With nothing of its own. */
        static final class Mine extends DefaultServerRequestObservationConvention {}
    }

    /** A filter. */
    @Configuration(proxyBeanMethods = false)
    static class OfFilter {

        @Bean
        FilterRegistrationBean<ServerHttpObservationFilter> mine(ObservationRegistry registry) {
            return new FilterRegistrationBean<>(new ServerHttpObservationFilter(registry));
        }
    }
}
