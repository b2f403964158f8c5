// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.core.Ordered;

/**
 * Gives OpenTelemetry's SDK random ids, but to a trace that a thread is about to begin the id that the sampler has
 * already seen.
 */
public final class TraceIds implements IdGenerator, SdkTracerProviderBuilderCustomizer, Ordered {

    private final IdGenerator random = IdGenerator.random();
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

    /** Whether no trace has taken the id, which none takes any more. */
    boolean forget() {
        boolean unused = next.get() != null;
        if (unused) {
            next.remove();
        }
        return unused;
    }

    @Override
    public String generateSpanId() {
        return random.generateSpanId();
    }

    @Override
    public String generateTraceId() {
        String id = next.get();
        if (id == null) {
            return random.generateTraceId();
        }
        next.remove();
        return id;
    }

    @Override
    public boolean generatesRandomTraceIds() {
        return random.generatesRandomTraceIds();
    }
}
