// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.core.Ordered;

import java.util.Arrays;

/**
 * Gives OpenTelemetry's SDK random ids, but to a trace that a thread is about to begin the id that the sampler has
 * already seen. They are as random as the SDK's own, which takes the characters from a thread-local: an array for each
 * virtual thread.
 */
public final class TraceIds implements IdGenerator, SdkTracerProviderBuilderCustomizer, Ordered {

    private final ThreadLocal<@Nullable String> next = new ThreadLocal<>();

    @Override
    public void customize(SdkTracerProviderBuilder builder) {
        builder.setIdGenerator(this);
    }

    /** Before the application's, whose ids stand. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    /** The next trace that this thread begins has this id. */
    void next(String traceId) {
        next.set(traceId);
    }

    /** No trace of this thread takes the id that {@link #next} was told. */
    void forget() {
        next.remove();
    }

    @Override
    public String generateSpanId() {
        return UnsampledSpanContext.randomSpanId();
    }

    @Override
    public String generateTraceId() {
        String id = next.get();
        if (id == null) {
            return UnsampledSpanContext.randomTraceId();
        }
        next.remove();
        return id;
    }

    /** The SDK of Spring Boot 4.0 does not ask. */
    @SuppressWarnings("MissingOverride")
    public boolean generatesRandomTraceIds() {
        return true;
    }

    /** Whether the SDK asks, and says so of the traces that it begins. */
    static boolean areSaidToBeRandom() {
        return Arrays.stream(IdGenerator.class.getMethods())
                .anyMatch(method -> method.getName().equals("generatesRandomTraceIds"));
    }
}
