// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** One line of what compare.sh measured; NaN stands for an empty field. */
record Row(
        String scenario,
        int round,
        String peer,
        double requestsPerSecond,
        double cpuUser,
        double cpuSystem,
        double p50,
        double p99,
        double errors,
        double elsewhere,
        double connections,
        double heap,
        double kept,
        double rss) {

    static Row parse(String line) {
        String[] f = line.split(",", -1);
        double[] n =
                Arrays.stream(f, 3, f.length)
                        .mapToDouble(s -> s.isEmpty() ? Double.NaN : Double.parseDouble(s))
                        .toArray();
        return new Row(
                f[0],
                Integer.parseInt(f[1]),
                f[2],
                n[0],
                n[1],
                n[2],
                n[3],
                n[4],
                n[5],
                n[6],
                n[7],
                n[8],
                n[9],
                n[10]);
    }

    /** Reads a whole file: by scenario and server, in the file's order. */
    static Map<String, Map<String, List<Row>>> read(Path csv) throws IOException {
        return Files.readAllLines(csv).stream()
                .skip(1)
                .map(Row::parse)
                .collect(
                        Collectors.groupingBy(
                                Row::scenario,
                                LinkedHashMap::new,
                                Collectors.groupingBy(
                                        Row::peer, LinkedHashMap::new, Collectors.toList())));
    }

    double cpu() {
        return cpuUser + cpuSystem;
    }

    /** Returns the figures of all rounds, but those that are missing, from the smallest to the largest. */
    static double[] figures(List<Row> rows, ToDoubleFunction<Row> figure) {
        return rows.stream().mapToDouble(figure).filter(Double::isFinite).sorted().toArray();
    }

    static double median(List<Row> rows, ToDoubleFunction<Row> figure) {
        return median(figures(rows, figure));
    }

    static double median(double[] sorted) {
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }
}
