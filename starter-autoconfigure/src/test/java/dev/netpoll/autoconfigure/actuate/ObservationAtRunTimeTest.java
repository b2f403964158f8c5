// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.observation.ObservationMode;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler.IgnoredMeters;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationRegistry.ObservationConfig;
import io.opentelemetry.sdk.trace.SdkTracerProvider;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.observation.ServerRequestObservationContext;

import java.util.function.Consumer;

/** What the application adds or takes away once it serves, with requests before and after. */
@ExtendWith(OutputCaptureExtension.class)
class ObservationAtRunTimeTest {

    private static final int REQUESTS = 200;
    private static final long SEED = 34;

    private WatchedPair pair;

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void aTracerThatNoLongerAsksForIdsLeavesRequestsToSpringsFilter(CapturedOutput output)
            throws Exception {
        pair = new WatchedPair(Plain.class, "--management.tracing.sampling.probability=1");
        send();
        pair.assertSame();
        pair.each(each -> each.getBean(SdkTracerProvider.class).shutdown());
        send();
        String boot = "boot (because the tracer does not take its ids from where it did)";
        assertThat(pair.ours().getBean(ObservationMode.class)).hasToString(boot);
        // Of both, because it is counted.
        Wire.get(WatchedPair.port(pair.springs()), "/actuator/netpoll");
        assertThat(Wire.get(WatchedPair.port(pair.ours()), "/actuator/netpoll").body())
                .contains(boot);
        assertThat(output)
                .containsOnlyOnce(
                        "WARN RequestObservationFilter Requests are observed by netpoll no more: "
                                + boot);
        eventually(() -> Watched.meters(pair.ours()), Watched.meters(pair.springs())::equals);
    }

    @Test
    void anotherHandlerForMetersRecordsTheSame() throws Exception {
        afterwards(
                each ->
                        config(each)
                                .observationHandler(
                                        new DefaultMeterObservationHandler(
                                                each.getBean(MeterRegistry.class),
                                                IgnoredMeters.LONG_TASK_TIMER)));
        assertThat(
                        pair
                                .ours()
                                .getBean(MeterRegistry.class)
                                .find("http.server.requests")
                                .timers()
                                .stream()
                                .mapToLong(Timer::count)
                                .sum())
                .as("the requests before once, those after twice")
                .isEqualTo(3 * REQUESTS);
    }

    @Test
    void aFilterSeesAndAddsTheSame() throws Exception {
        afterwards(
                each ->
                        config(each)
                                .observationFilter(
                                        context ->
                                                context.addLowCardinalityKeyValue(
                                                        KeyValue.of(
                                                                "first",
                                                                String.valueOf(
                                                                        context
                                                                                .getLowCardinalityKeyValues()
                                                                                .stream()
                                                                                .findFirst()
                                                                                .orElse(null))))));
    }

    @Test
    void aPredicateTurnsTheSameAway() throws Exception {
        afterwards(
                each ->
                        config(each)
                                .observationPredicate(
                                        (_, context) ->
                                                !(context
                                                                instanceof
                                                                ServerRequestObservationContext
                                                                        request
                                                        && request.getCarrier() != null
                                                        && request.getCarrier()
                                                                .getRequestURI()
                                                                .startsWith("/status"))));
    }

    @Test
    void aConventionForAllObservationsNamesTheSame() throws Exception {
        afterwards(each -> config(each).observationConvention(new Mine()));
    }

    private void afterwards(Consumer<ConfigurableApplicationContext> change) throws Exception {
        pair =
                new WatchedPair(
                        Plain.class,
                        "--management.tracing.sampling.probability=0",
                        // Two handlers for meters would share one sample, and leave the other
                        // active.
                        "--management.metrics.observations.ignored-meters=long-task-timer");
        send();
        pair.assertSame();
        pair.each(change);
        send();
        pair.assertSame();
    }

    private void send() throws Exception {
        pair.sendAll(WatchedTraffic.requests(SEED, REQUESTS, false));
    }

    private static ObservationConfig config(ConfigurableApplicationContext context) {
        return context.getBean(ObservationRegistry.class).observationConfig();
    }

    /** Nothing of its own. */
    @Configuration(proxyBeanMethods = false)
    static class Plain {}

    /** Takes any context. */
    private static final class Mine implements GlobalObservationConvention<Observation.Context> {

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }

        @Override
        public KeyValues getLowCardinalityKeyValues(Observation.Context context) {
            return KeyValues.of("mine", "yes");
        }
    }
}
