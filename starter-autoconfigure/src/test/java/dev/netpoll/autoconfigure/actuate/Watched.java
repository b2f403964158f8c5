// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;

import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an application's meters and spans say of its requests, in a form that two applications can be compared by. */
final class Watched {

    /** Of every request another, or of how long something took. */
    private static final Set<String> OWN =
            Set.of(
                    "http.connection.id",
                    "http.request.id",
                    "netpoll.deadline",
                    "netpoll.wait.read.ms",
                    "netpoll.wait.write.ms",
                    "exception.stacktrace");

    private Watched() {}

    /** Those of requests and their children: id → count. */
    static Map<String, String> meters(ConfigurableApplicationContext context) {
        Map<String, String> meters = new TreeMap<>();
        context.getBean(MeterRegistry.class)
                .forEachMeter(
                        meter -> {
                            Meter.Id id = meter.getId();
                            if (id.getName().startsWith("http.")
                                    || id.getName().startsWith("watched")) {
                                meters.put(
                                        id.getType()
                                                + " "
                                                + id.getName()
                                                + " "
                                                + id.getBaseUnit()
                                                + " "
                                                + id.getTags(),
                                        count(meter));
                            }
                        });
        return meters;
    }

    private static String count(Meter meter) {
        return switch (meter) {
            case Timer timer -> timer.count() + " " + shape(timer.takeSnapshot());
            case LongTaskTimer timer -> timer.activeTasks() + " " + shape(timer.takeSnapshot());
            case Counter counter -> String.valueOf(counter.count());
            default -> "";
        };
    }

    private static String shape(HistogramSnapshot snapshot) {
        return snapshot.histogramCounts().length
                + " "
                + Arrays.stream(snapshot.percentileValues())
                        .map(each -> String.valueOf(each.percentile()))
                        .toList();
    }

    /** Each span in words, sorted. */
    static List<String> spans(ConfigurableApplicationContext context) {
        List<SpanData> spans =
                context.getBean(WatchedApplication.Memory.class).spans().getFinishedSpanItems();
        Map<String, SpanData> byId =
                spans.stream()
                        .collect(
                                Collectors.toMap(
                                        SpanData::getSpanId, Function.identity(), (one, _) -> one));
        return spans.stream().map(span -> inWords(span, byId)).sorted().toList();
    }

    private static String inWords(SpanData span, Map<String, SpanData> byId) {
        @Nullable SpanData parent = byId.get(span.getParentSpanId());
        boolean remote = span.getParentSpanContext().isRemote();
        return "%s %s %s parent=%s %s events=%s links=%s flags=%s state=%s ended=%s scope=%s"
                .formatted(
                        span.getName(),
                        span.getKind(),
                        span.getStatus(),
                        parent != null
                                ? parent.getName() + parent.getTraceId().equals(span.getTraceId())
                                : remote ? span.getParentSpanId() + span.getTraceId() : "none",
                        attributes(span),
                        span.getEvents().stream().map(Watched::inWords).toList(),
                        span.getLinks(),
                        span.getSpanContext().getTraceFlags(),
                        span.getSpanContext().getTraceState(),
                        span.hasEnded(),
                        span.getInstrumentationScopeInfo().getName());
    }

    private static String inWords(EventData event) {
        return event.getName()
                + event.getAttributes().asMap().entrySet().stream()
                        .filter(each -> !OWN.contains(each.getKey().getKey()))
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .sorted()
                        .toList();
    }

    private static Set<String> attributes(SpanData span) {
        Set<String> all = new TreeSet<>();
        span.getAttributes()
                .forEach(
                        (key, value) ->
                                all.add(
                                        key
                                                + (OWN.contains(key.getKey())
                                                        ? ""
                                                        : "=" + withoutPort(value))));
        return all;
    }

    /** Each application listens on another. */
    private static String withoutPort(Object value) {
        return value.toString().replaceFirst("//localhost:\\d+", "//localhost");
    }
}
