// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Draws what compare.sh measured as an SVG that light and dark pages can show: {@code java Picture.java results.csv
 * 'which machine; which run'}. Each scenario has a bar for each server, as long as its requests per second, with the
 * CPU time of one request beside it; a thin line runs from the worst round to the best.
 */
final class Picture {

    private static final int WIDTH = 760;
    private static final int BARS = 200;
    private static final int LONGEST = 330;
    private static final int RATE = 640;
    private static final int COST = WIDTH - 10;
    private static final int LINE = 24;
    private static final int THICK = 14;
    private static final int CAPTION = 16;

    /** Without requests per second, or with the same for every server. */
    private static final Set<String> NOT_DRAWN = Set.of("idle", "inflight", "startup", "open");

    private static final Map<String, String> NAMES =
            Map.ofEntries(
                    Map.entry("netpoll", "netpoll"),
                    Map.entry("netpoll-no-contexts", "… contexts off"),
                    Map.entry("observed", "netpoll, observed"),
                    Map.entry("tomcat-nio", "Tomcat NIO"),
                    Map.entry("tomcat-virtual", "Tomcat, virtual threads"),
                    Map.entry("observed-nio", "Tomcat NIO, observed"),
                    Map.entry("observed-virtual", "Tomcat, virtual, observed"),
                    Map.entry("observed-webflux", "WebFlux, observed"),
                    Map.entry("jetty-virtual", "Jetty, virtual threads"),
                    Map.entry("webflux", "WebFlux on Netty"),
                    Map.entry("go", "Go net/http"),
                    Map.entry("engine", "netpoll's engine alone"),
                    Map.entry("c-epoll", "C, one epoll loop"));

    private static final String STYLE =
            """
              <style>
                text{fill:#1f2328}.title{font-weight:600}.dim{fill:#57606a;font-size:12px}.end{text-anchor:end}
                .bar{fill:#afb8c1}.ours{fill:#0969da}.range{stroke:#1f2328;stroke-width:1}
                @media (prefers-color-scheme: dark){
                  text{fill:#e6edf3}.dim{fill:#8b949e}.bar{fill:#484f58}.ours{fill:#58a6ff}.range{stroke:#e6edf3}
                }
              </style>
            """;

    private final StringBuilder out = new StringBuilder();
    private int y = 10;

    public static void main(String[] args) throws IOException {
        Map<String, Map<String, List<Row>>> measured = Row.read(Path.of(args[0]));
        measured.keySet().removeAll(NOT_DRAWN);
        System.out.print(new Picture().draw(measured, args.length > 1 ? args[1] : ""));
    }

    private String draw(Map<String, Map<String, List<Row>>> measured, String machine) {
        measured.forEach(this::scenario);
        y += 10;
        for (String line : machine.split("; ")) {
            y += CAPTION;
            text("dim", 10, line);
        }
        y += 10;
        return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" \
        font-size="14" role="img" aria-label="Requests per second and CPU time per request of several servers">
        """
                        .formatted(WIDTH, y)
                + STYLE
                + out
                + "</svg>\n";
    }

    private void scenario(String scenario, Map<String, List<Row>> peers) {
        double fastest =
                peers.values().stream()
                        .flatMap(List::stream)
                        .mapToDouble(Row::requestsPerSecond)
                        .max()
                        .orElse(0);
        if (!(fastest > 0)) {
            return;
        }
        y += LINE;
        text("title", 10, Report.what(scenario).replace("`", ""));
        text("dim end", RATE, "requests/s");
        text("dim end", COST, "CPU µs each");
        peers.entrySet().stream()
                .sorted(
                        Comparator.comparingDouble(
                                peer -> -Row.median(peer.getValue(), Row::requestsPerSecond)))
                .forEach(peer -> bar(peer.getKey(), peer.getValue(), LONGEST / fastest));
        y += 10;
    }

    private void bar(String peer, List<Row> rows, double scale) {
        double[] rates = Row.figures(rows, Row::requestsPerSecond);
        double rate = Row.median(rates);
        if (Double.isNaN(rate)) {
            return;
        }
        y += LINE;
        text("", 10, NAMES.getOrDefault(peer, peer));
        boolean ours = peer.startsWith("netpoll") || peer.equals("observed");
        out.append(
                "  <rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%s\" height=\"%d\" rx=\"2\"/>\n"
                        .formatted(
                                ours ? "bar ours" : "bar",
                                BARS,
                                y - THICK + 2,
                                number(rate * scale, 1),
                                THICK));
        if (rates.length > 1) {
            out.append(
                    "  <path class=\"range\" d=\"M%s %dH%s\"/>\n"
                            .formatted(
                                    number(BARS + rates[0] * scale, 1),
                                    y - THICK / 2 + 2,
                                    number(BARS + rates[rates.length - 1] * scale, 1)));
        }
        text("end", RATE, String.format(Locale.ROOT, "%,.0f", rate));
        double cost = Row.median(rows, Row::cpu);
        text("end", COST, Double.isNaN(cost) ? "–" : number(cost, 1));
    }

    private void text(String style, int x, String text) {
        out.append(
                "  <text%s x=\"%d\" y=\"%d\">%s</text>\n"
                        .formatted(
                                style.isEmpty() ? "" : " class=\"" + style + "\"",
                                x,
                                y,
                                escaped(text)));
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
