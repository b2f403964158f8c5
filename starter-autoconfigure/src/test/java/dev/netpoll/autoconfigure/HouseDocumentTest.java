// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** docs/one-request.md against the modules: how large they are, and how large a file may be. */
class HouseDocumentTest {

    private static final Path TOP = Path.of("..");

    /** A row of the table of storeys: module and lines, about. */
    private static final Pattern ROW =
            Pattern.compile(
                    "(?m)^\\| `([a-z-]+)` \\| .* \\| ([0-9],?[0-9]{3}|1[0-9],[0-9]{3}) \\| ");

    private static final List<String> MODULES =
            List.of(
                    "netpoll-engine",
                    "context-propagation",
                    "netpoll-web",
                    "tomcat-connector",
                    "actuator-endpoints",
                    "starter-autoconfigure");

    private static final int LARGEST_FILE = 450;

    @Test
    void theTableOfStoreysHasEachModulesLines() throws IOException {
        Matcher row = ROW.matcher(Files.readString(TOP.resolve("docs/one-request.md")));
        int rows = 0;
        while (row.find()) {
            long lines = 0;
            for (Path source : sources(TOP.resolve(row.group(1)))) {
                lines += lines(source);
            }
            long told = Long.parseLong(row.group(2).replace(",", ""));
            assertThat(told).as(row.group(1)).isBetween(lines - 500, lines + 500);
            rows++;
        }
        assertThat(rows).isEqualTo(6);
    }

    @Test
    void noFileIsLargerThanAReaderCanHold() throws IOException {
        for (String module : MODULES) {
            requireSmall(module);
        }
    }

    private static void requireSmall(String module) throws IOException {
        List<Path> sources = sources(TOP.resolve(module));
        assertThat(sources).isNotEmpty();
        for (Path source : sources) {
            assertThat(lines(source)).as(source.toString()).isLessThanOrEqualTo(LARGEST_FILE);
        }
    }

    private static List<Path> sources(Path module) throws IOException {
        try (Stream<Path> files = Files.walk(module.resolve("src/main/java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private static long lines(Path source) throws IOException {
        try (Stream<String> lines = Files.lines(source)) {
            return lines.count();
        }
    }
}
