// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import dev.netpoll.web.RequestContext;

import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Records what Micrometer's handler records of an observation, in the same meters. */
final class RequestTimers {

    private static final Set<String> METHODS =
            Stream.of(HttpMethod.values())
                    .map(HttpMethod::name)
                    .collect(Collectors.toUnmodifiableSet());

    private static final String NONE = KeyValue.NONE_VALUE;

    private final MeterRegistry registry;
    private final Clock clock;
    private final boolean longTasks;
    private final MeterTags ofStart = new MeterTags();
    private final MeterTags ofEnd = new MeterTags();

    /** The name of all observations and that of their long-task timers, as the latest had them. */
    private volatile Names names = new Names("", "");

    private record Names(String ended, String active) {}

    RequestTimers(MeterRegistry registry, boolean longTasks) {
        this.registry = registry;
        this.clock = registry.config().clock();
        this.longTasks = longTasks;
    }

    void start(LazyRequestContext context) {
        LongTaskTimer.Sample active =
                longTasks
                        ? registry.more()
                                .longTaskTimer(activeName(name(context)), startTags(context))
                                .start()
                        : null;
        context.started(clock.monotonicTime(), active);
    }

    void stop(LazyRequestContext context) {
        Timer timer = registry.timer(name(context), endTags(context));
        timer.record(clock.monotonicTime() - context.startedAt(), TimeUnit.NANOSECONDS);
        LongTaskTimer.Sample active = context.active();
        if (active != null) {
            active.stop();
        }
    }

    private static String name(LazyRequestContext context) {
        return Objects.requireNonNull(context.getName());
    }

    private String activeName(String name) {
        Names both = names;
        if (both.ended != name) {
            both = new Names(name, name + ".active");
            names = both;
        }
        return both.active;
    }

    private Tags startTags(LazyRequestContext context) {
        return context.isTouched() || context.getError() != null
                ? lowCardinality(context)
                : kept(ofStart, context, RequestTimers::lowCardinality);
    }

    private Tags endTags(LazyRequestContext context) {
        return context.isTouched() || endedEarly(request(context))
                ? withError(context)
                : kept(ofEnd, context, RequestTimers::withError);
    }

    /** What {@code made} makes of it, once for all requests that are alike. */
    private static Tags kept(
            MeterTags known, LazyRequestContext context, Function<LazyRequestContext, Tags> made) {
        HttpServletRequest request = request(context);
        String method = request.getMethod();
        String scheme = request.getScheme();
        String route = context.getPathPattern();
        int status = context.status();
        Throwable thrown = context.getError();
        Class<?> error = thrown == null ? null : thrown.getClass();
        Tags tags = known.find(method, scheme, route, status, error);
        if (tags == null) {
            tags = made.apply(context);
            keep(known, new MeterTags.Key(method, scheme, route, status, error), tags);
        }
        return tags;
    }

    /** Then our own filter adds more than "none". */
    private static boolean endedEarly(HttpServletRequest request) {
        RequestContext context = RequestContext.of(request);
        return context != null && context.earlyEnd() != null;
    }

    /** A client may send any method; those without a name of their own share a tag, and no place is spent on each. */
    private static void keep(MeterTags kept, MeterTags.Key key, Tags tags) {
        if (METHODS.contains(key.method())) {
            kept.keep(key, tags);
        }
    }

    private static HttpServletRequest request(LazyRequestContext context) {
        return Objects.requireNonNull(context.getCarrier());
    }

    private static Tags withError(LazyRequestContext context) {
        @Nullable Throwable error = context.getError();
        return lowCardinality(context)
                .and("error", error == null ? NONE : error.getClass().getSimpleName());
    }

    static Tags lowCardinality(LazyRequestContext context) {
        Tags tags = Tags.empty();
        for (KeyValue each : context.getLowCardinalityKeyValues()) {
            tags = tags.and(each.getKey(), each.getValue());
        }
        return tags;
    }
}
