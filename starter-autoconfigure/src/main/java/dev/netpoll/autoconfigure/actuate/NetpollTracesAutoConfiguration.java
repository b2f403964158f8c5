// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.actuate.HttpTraces;
import dev.netpoll.actuate.JdbcTraces;
import dev.netpoll.actuate.RequestTraces;
import dev.netpoll.actuate.TaskTraces;
import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.autoconfigure.context.NetpollRequestContextAutoConfiguration;
import dev.netpoll.web.RequestContexts;

import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.http.server.observation.ServerRequestObservationContext;

/** Adds waits, deadlines and cancellations to spans, where there is a tracer. */
@AutoConfiguration(
        after = NetpollRequestContextAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration",
            "org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration"
        })
@ConditionalOnClass({Tracer.class, ObservationHandler.class, ServerRequestObservationContext.class})
@ConditionalOnBean(Tracer.class)
@ConditionalOnNetpoll
public final class NetpollTracesAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    @ConditionalOnBean(RequestContexts.class)
    RequestTraces netpollRequestTraces() {
        return new RequestTraces();
    }

    @Bean
    @ConditionalOnMissingLocalBean
    JdbcTraces netpollJdbcTraces(Tracer tracer, ObjectProvider<ObservationRegistry> observations) {
        return new JdbcTraces(tracer, orNone(observations));
    }

    @Bean
    @ConditionalOnMissingLocalBean
    TaskTraces netpollTaskTraces(Tracer tracer, ObjectProvider<ObservationRegistry> observations) {
        return new TaskTraces(tracer, orNone(observations));
    }

    @Bean
    @ConditionalOnMissingLocalBean
    HttpTraces netpollHttpTraces(Tracer tracer, ObjectProvider<ObservationRegistry> observations) {
        return new HttpTraces(tracer, orNone(observations));
    }

    private static ObservationRegistry orNone(ObjectProvider<ObservationRegistry> observations) {
        return observations.getIfAvailable(() -> ObservationRegistry.NOOP);
    }
}
