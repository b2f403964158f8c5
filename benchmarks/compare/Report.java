// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Turns what compare.sh measured, one CSV line for each peer, scenario and round, into tables in
 * Markdown: {@code java Report.java results.csv}.
 *
 * <p>Every figure is the median over the rounds, with the smallest and the largest behind it. A
 * ratio is the quotient of two such medians, so that it can be checked in the same table.
 */
final class Report {

    private static final String BASE = "tomcat-nio";
    private static final List<String> OURS = List.of("netpoll", "observed");
    private static final String NONE = "–";

    private final Map<String, Map<String, List<Row>>> byScenario;
    private final StringBuilder out = new StringBuilder();

    private Report(Map<String, Map<String, List<Row>>> byScenario) {
        this.byScenario = byScenario;
    }

    public static void main(String[] args) throws IOException {
        var report = new Report(Row.read(Path.of(args[0])));
        report.byScenario.forEach(
                (scenario, peers) -> {
                    switch (scenario) {
                        case "idle", "inflight" -> report.memory(scenario, peers);
                        case "startup" -> report.startup(peers);
                        default -> report.throughput(scenario, peers);
                    }
                });
        OURS.forEach(report::oursAgainstOthers);
        System.out.print(report.out);
    }

    private void throughput(String scenario, Map<String, List<Row>> peers) {
        title(scenario, peers);
        line(
                "| server | requests/s | × "
                        + BASE
                        + " | CPU µs per request (user + system) | × "
                        + BASE
                        + " | p50 | p99 | failed | busy elsewhere |");
        line("|---|---|---|---|---|---|---|---|---|");
        List<Row> base = peers.get(BASE);
        sorted(peers, row -> -row.requestsPerSecond())
                .forEach(peer -> line(throughputLine(peer, peers.get(peer), base)));
        line("");
    }

    private static String throughputLine(String peer, List<Row> rows, List<Row> base) {
        return String.join(
                " | ",
                "| " + peer,
                spread(rows, Row::requestsPerSecond, 0),
                ratio(rows, base, Row::requestsPerSecond),
                "%s (%s + %s)"
                        .formatted(
                                spread(rows, Row::cpu, 1),
                                number(Row.median(rows, Row::cpuUser), 1),
                                number(Row.median(rows, Row::cpuSystem), 1)),
                ratio(rows, base, Row::cpu),
                time(Row.median(rows, Row::p50)),
                time(Row.median(rows, Row::p99)),
                number(rows.stream().mapToDouble(Row::errors).sum(), 0),
                number(max(rows, Row::elsewhere), 0) + " % |");
    }

    private void memory(String scenario, Map<String, List<Row>> peers) {
        title(scenario, peers);
        line(
                "| server | connections | live heap, bytes each | × "
                        + BASE
                        + " | left of it after they closed | RSS growth, bytes each |");
        line("|---|---|---|---|---|---|");
        List<Row> base = peers.get(BASE);
        sorted(peers, row -> Double.isNaN(row.heap()) ? row.rss() : row.heap())
                .forEach(
                        peer -> {
                            List<Row> rows = peers.get(peer);
                            line(
                                    String.join(
                                            " | ",
                                            "| " + peer,
                                            number(Row.median(rows, Row::connections), 0),
                                            spread(rows, Row::heap, 0),
                                            ratio(rows, base, Row::heap),
                                            number(Row.median(rows, Row::kept), 0),
                                            spread(rows, Row::rss, 0) + " |"));
                        });
        line("");
    }

    private void startup(Map<String, List<Row>> peers) {
        line("## A start");
        line("");
        line("| server | to the first answer | × " + BASE + " | resident memory 3 s later, MB |");
        line("|---|---|---|---|");
        List<Row> base = peers.get(BASE);
        sorted(peers, Row::p50)
                .forEach(
                        peer -> {
                            List<Row> rows = peers.get(peer);
                            line(
                                    String.join(
                                            " | ",
                                            "| " + peer,
                                            time(Row.median(rows, Row::p50)),
                                            ratio(rows, base, Row::p50),
                                            number(Row.median(rows, Row::rss) / 1_048_576, 0)
                                                    + " |"));
                        });
        line("");
    }

    private void title(String scenario, Map<String, List<Row>> peers) {
        int rounds = peers.values().stream().mapToInt(List::size).max().orElse(0);
        int connections =
                (int)
                        peers.values().stream()
                                .flatMap(List::stream)
                                .mapToDouble(Row::connections)
                                .max()
                                .orElse(0);
        line(
                "## %s: %,d connections, %d round%s"
                        .formatted(what(scenario), connections, rounds, rounds == 1 ? "" : "s"));
        line("");
    }

    /** Asked for; the picture says it as well. */
    static String what(String scenario) {
        return switch (scenario) {
            case "hello" -> "`GET /hello`";
            case "json" -> "`GET /json`";
            case "order" -> "`POST /order`, a body that is decoded and validated";
            case "catalogue" -> "`GET /catalogue`, an answer of 10 kB";
            case "active" -> "`GET /hello` by many";
            case "open" -> "`GET /hello` at a constant rate, latency from when it was due";
            case "sleep" -> "`GET /sleep?ms=50`, a handler that blocks";
            case "db" -> "`GET /db?id=N`, a row of PostgreSQL by its key";
            case "queries" -> "`GET /queries?n=20`, 20 such rows one after another";
            case "downstream" -> "`GET /downstream`, a call to a fast service";
            case "idle" -> "Memory of an idle keep-alive connection";
            case "inflight" -> "Memory of a request whose handler is blocked";
            default -> scenario;
        };
    }

    /** Ratios round by round, since two neighbours in one round saw the same machine. */
    private void oursAgainstOthers(String our) {
        List<String> lines = new ArrayList<>();
        byScenario.forEach(
                (scenario, peers) ->
                        peers.forEach(
                                (peer, rows) -> {
                                    List<Row> ours = peers.get(our);
                                    if (ours != null && !peer.equals(our)) {
                                        pairedLine(scenario, peer, ours, rows)
                                                .ifPresent(lines::add);
                                    }
                                }));
        if (lines.isEmpty()) {
            return;
        }
        line("## " + our + " ÷ each other server, paired within each round");
        line("");
        line("| scenario | other server | requests/s | CPU per request | live heap |");
        line("|---|---|---|---|---|");
        lines.forEach(this::line);
        line("");
    }

    private static Optional<String> pairedLine(
            String scenario, String peer, List<Row> ours, List<Row> rows) {
        List<String> ratios =
                List.of(
                        paired(ours, rows, Row::requestsPerSecond),
                        paired(ours, rows, Row::cpu),
                        paired(ours, rows, Row::heap));
        return ratios.stream().allMatch(NONE::equals)
                ? Optional.empty()
                : Optional.of(
                        "| %s | %s | %s |".formatted(scenario, peer, String.join(" | ", ratios)));
    }

    private static String paired(List<Row> ours, List<Row> theirs, ToDoubleFunction<Row> figure) {
        Map<Integer, Row> byRound = theirs.stream().collect(Collectors.toMap(Row::round, r -> r));
        double[] ratios =
                ours.stream()
                        .filter(r -> byRound.containsKey(r.round()))
                        .mapToDouble(
                                r ->
                                        figure.applyAsDouble(r)
                                                / figure.applyAsDouble(byRound.get(r.round())))
                        .filter(Double::isFinite)
                        .sorted()
                        .toArray();
        return spread(ratios, 2);
    }

    private static List<String> sorted(Map<String, List<Row>> peers, ToDoubleFunction<Row> figure) {
        return peers.keySet().stream()
                .sorted(Comparator.comparingDouble(peer -> Row.median(peers.get(peer), figure)))
                .toList();
    }

    private static String ratio(List<Row> rows, List<Row> base, ToDoubleFunction<Row> figure) {
        return base == null ? NONE : number(Row.median(rows, figure) / Row.median(base, figure), 2);
    }

    private static String spread(List<Row> rows, ToDoubleFunction<Row> figure, int digits) {
        return spread(Row.figures(rows, figure), digits);
    }

    private static String spread(double[] sorted, int digits) {
        if (sorted.length < 2) {
            return number(Row.median(sorted), digits);
        }
        return "%s [%s … %s]"
                .formatted(
                        number(Row.median(sorted), digits),
                        number(sorted[0], digits),
                        number(sorted[sorted.length - 1], digits));
    }

    private static double max(List<Row> rows, ToDoubleFunction<Row> figure) {
        double[] sorted = Row.figures(rows, figure);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length - 1];
    }

    private static String time(double micros) {
        if (!Double.isFinite(micros)) {
            return NONE;
        }
        return micros < 1_000 ? number(micros, 0) + " µs" : number(micros / 1_000, 1) + " ms";
    }

    private static String number(double value, int digits) {
        return Double.isFinite(value)
                ? String.format(Locale.ROOT, "%,." + digits + "f", value)
                : NONE;
    }

    private void line(String text) {
        out.append(text).append('\n');
    }
}
