// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.resilience;

import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.bulkhead.ThreadPoolBulkhead;
import io.github.resilience4j.bulkhead.ThreadPoolBulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryRegistry;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterRegistry;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.function.UnaryOperator;

/**
 * Registries that hand out context-aware instances: what the annotations' aspects, and code that asks
 * the registry, work with. Each is wrapped once. Safe from any thread.
 */
public final class ContextRegistries {

    private ContextRegistries() {}

    /** See {@link ContextRetry}. */
    public static RetryRegistry wrap(RetryRegistry registry) {
        return wrap(RetryRegistry.class, registry, Retry.class, ContextRetry::wrap);
    }

    /** See {@link ContextTimeLimiter}. */
    public static TimeLimiterRegistry wrap(TimeLimiterRegistry registry) {
        return wrap(
                TimeLimiterRegistry.class, registry, TimeLimiter.class, ContextTimeLimiter::wrap);
    }

    /** See {@link ContextBulkhead}. */
    public static BulkheadRegistry wrap(BulkheadRegistry registry) {
        return wrap(BulkheadRegistry.class, registry, Bulkhead.class, ContextBulkhead::wrap);
    }

    /** See {@link ContextThreadPoolBulkhead}. */
    public static ThreadPoolBulkheadRegistry wrap(ThreadPoolBulkheadRegistry registry) {
        return wrap(
                ThreadPoolBulkheadRegistry.class,
                registry,
                ThreadPoolBulkhead.class,
                ContextThreadPoolBulkhead::wrap);
    }

    /** See {@link ContextCircuitBreaker}. */
    public static CircuitBreakerRegistry wrap(CircuitBreakerRegistry registry) {
        return wrap(
                CircuitBreakerRegistry.class,
                registry,
                CircuitBreaker.class,
                ContextCircuitBreaker::wrap);
    }

    private static <R, E> R wrap(
            Class<R> type, R registry, Class<E> entries, UnaryOperator<E> wrapping) {
        if (Proxied.is(registry)) {
            return registry;
        }
        Map<E, E> wrapped = Collections.synchronizedMap(new WeakHashMap<>());
        return Proxied.of(
                type,
                registry,
                (_, arguments, original) -> {
                    Object result = original.proceed(arguments);
                    return result instanceof Optional<?> optional
                            ? optional.map(entry -> wrapped(entry, entries, wrapped, wrapping))
                            : wrapped(result, entries, wrapped, wrapping);
                });
    }

    private static <E> @Nullable Object wrapped(
            @Nullable Object result, Class<E> entries, Map<E, E> known, UnaryOperator<E> wrapping) {
        return entries.isInstance(result) && !Proxied.is(result)
                ? known.computeIfAbsent(entries.cast(result), wrapping)
                : result;
    }
}
