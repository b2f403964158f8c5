// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.WaitKind;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Counts of waits by duration and time.
 *
 * @param bounds what each bucket reaches up to, in seconds; one more bucket takes what is longer
 * @param windows the oldest first; the last is still under way
 */
public record Heatmap(List<BigDecimal> bounds, List<Row> windows) implements OperationResponseBody {

    private static final int NANO_DIGITS = 9;

    /**
     * A window: how many waits ended in it, by bucket.
     *
     * @param start when it began
     * @param seconds how long it was, or has been so far
     * @param read threads that waited for something to read
     * @param write threads and asynchronous writes that waited for room
     * @param idle connections that waited without a thread
     */
    public record Row(
            Instant start, double seconds, List<Long> read, List<Long> write, List<Long> idle) {}

    static Heatmap of(List<WaitHistory.Window> windows) {
        return new Heatmap(
                DurationCounts.bounds().stream().map(Heatmap::seconds).toList(),
                windows.stream().map(Heatmap::row).toList());
    }

    private static BigDecimal seconds(Duration bound) {
        return BigDecimal.valueOf(bound.toNanos(), NANO_DIGITS).stripTrailingZeros();
    }

    private static Row row(WaitHistory.Window window) {
        return new Row(
                window.start(),
                Math.round(Millis.of(window.length())) / 1000.0,
                buckets(window, WaitKind.READ),
                buckets(window, WaitKind.WRITE),
                buckets(window, WaitKind.IDLE));
    }

    private static List<Long> buckets(WaitHistory.Window window, WaitKind kind) {
        DurationCounts counts = window.waits().getOrDefault(kind, DurationCounts.NONE);
        return IntStream.range(0, DurationCounts.BUCKETS).mapToObj(counts::count).toList();
    }

    /**
     * The same as comma-separated values: a line for each window and kind, a column for each bucket. Opens
     * in a spreadsheet; gnuplot and Grafana read it too.
     */
    String csv() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "start,seconds,kind,"
                        + bounds.stream()
                                .map(BigDecimal::toPlainString)
                                .collect(Collectors.joining(","))
                        + ",more");
        for (Row row : windows) {
            lines.add(line(row, "read", row.read()));
            lines.add(line(row, "write", row.write()));
            lines.add(line(row, "idle", row.idle()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String line(Row row, String kind, List<Long> counts) {
        return row.start()
                + ","
                + row.seconds()
                + ","
                + kind
                + ","
                + counts.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
