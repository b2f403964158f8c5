// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler.IgnoredMeters;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.ObservationRegistry.ObservationConfig;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

import java.util.List;
import java.util.Set;

/**
 * How the server's requests are observed: {@code fast}, when all that takes part in it is what Spring Boot configures
 * and so known, or as Spring does it, with the reason. Has the groups of handlers that Spring Boot makes leave requests
 * to ours. Decided once, when the observation registry is made; may change to Spring's way later.
 */
public final class ObservationMode implements BeanPostProcessor {

    /** Whose beans take part in the observation of an unsampled request, and may change what comes of it. */
    private static final List<String> PARTS =
            List.of(
                    "io.micrometer.core.instrument.observation.MeterObservationHandler",
                    "io.micrometer.tracing.handler.TracingObservationHandler",
                    "org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup",
                    "io.micrometer.tracing.Tracer",
                    "io.micrometer.tracing.CurrentTraceContext",
                    "io.micrometer.tracing.propagation.Propagator",
                    "io.opentelemetry.api.OpenTelemetry",
                    "io.opentelemetry.api.trace.Tracer",
                    "io.opentelemetry.context.propagation.ContextPropagators",
                    "io.opentelemetry.context.propagation.TextMapPropagator",
                    "io.opentelemetry.sdk.trace.SdkTracerProvider",
                    "io.opentelemetry.sdk.trace.samplers.Sampler",
                    "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer");

    /** Whose own beans may want the ids of spans that are not sampled, beside the values of timers. */
    private static final List<String> BESIDE_TIMERS =
            List.of(
                    "io.micrometer.core.instrument.MeterRegistry",
                    "io.micrometer.registry.otlp.ExemplarContextProvider",
                    "io.prometheus.metrics.tracer.common.SpanContext");

    private static final String TRACING = "io.micrometer.tracing.handler.TracingObservationHandler";

    private static final boolean SPANS =
            ClassUtils.isPresent(
                    "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters",
                    ObservationMode.class.getClassLoader());

    private final ConfigurableListableBeanFactory beans;
    private final Environment environment;

    private @Nullable LazyObservationHandler handler; // when the registry is made
    private @Nullable TraceStarts traces; // when the registry is made
    private boolean decided; // when the registry is made
    private volatile boolean used;
    private volatile @Nullable String reason = "nothing is recorded of observations";

    /**
     * @param beans those of the application
     * @param environment with its properties
     */
    public ObservationMode(ConfigurableListableBeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ObservationHandlerGroup group) {
            return new DecliningGroup(group, this);
        }
        return SPANS && Exporters.is(bean) && isEnabled() ? Exporters.once(bean) : bean;
    }

    /** Apart, because its classes may be missing. */
    private static final class Exporters {

        static boolean is(Object bean) {
            return bean instanceof SpanExporters;
        }

        static Object once(Object bean) {
            return SpansOnce.around((SpanExporters) bean);
        }
    }

    private boolean isEnabled() {
        return environment.getProperty("netpoll.observation.enabled", Boolean.class, true);
    }

    private @Nullable String decide() {
        if (!isEnabled()) {
            return "netpoll.observation.enabled is false";
        }
        String foreign = new ForeignBeans(beans).first(PARTS);
        if (foreign != null) {
            return foreign + " is the application's own";
        }
        if (beans.getBeanNamesForType(MeterObservationHandler.class, true, false).length != 1) {
            return "there is not one handler for meters";
        }
        if (!hasTracing()) {
            return null;
        }
        TraceSetup setup = TraceSetup.of(beans);
        traces = setup.traces();
        return setup.reason();
    }

    private boolean hasTracing() {
        ClassLoader loader = beans.getBeanClassLoader();
        return ClassUtils.isPresent(TRACING, loader)
                && beans.getBeanNamesForType(
                                        ClassUtils.resolveClassName(TRACING, loader), true, false)
                                .length
                        > 0;
    }

    /**
     * Registers our handler.
     *
     * @return whether those of Spring Boot have to decline our contexts
     */
    boolean registerIn(ObservationConfig config) {
        if (!decided) {
            decided = true;
            reason = decide();
        }
        if (!isFast()) {
            return false;
        }
        LazyObservationHandler ours = handler;
        if (ours == null) {
            ours = newHandler();
            handler = ours;
            config.observationHandler(ours);
        }
        return true;
    }

    private LazyObservationHandler newHandler() {
        MeterRegistry registry = beans.getBean(MeterRegistry.class);
        Set<IgnoredMeters> ignored =
                Binder.get(environment)
                        .bind(
                                "management.metrics.observations.ignored-meters",
                                Bindable.setOf(IgnoredMeters.class))
                        .orElse(Set.of());
        return new LazyObservationHandler(
                registry,
                new RequestTimers(registry, !ignored.contains(IgnoredMeters.LONG_TASK_TIMER)),
                "all"
                                .equalsIgnoreCase(
                                        environment.getProperty(
                                                "management.tracing.exemplars.include"))
                        || new ForeignBeans(beans).first(BESIDE_TIMERS) != null);
    }

    @Nullable TraceStarts traces() {
        return traces;
    }

    boolean isFast() {
        return reason == null;
    }

    /** From now on, Spring's way. */
    void giveUp(String why) {
        reason = why;
    }

    /** Requests go through our filter. */
    void used() {
        used = true;
    }

    /** Returns {@code fast}, or {@code boot} and why. */
    @Override
    public String toString() {
        String why = used ? reason : "the application has a filter of its own for it";
        return why == null ? "fast" : "boot (because " + why + ")";
    }
}
