// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Processes of their own with a heap of 40 MB, which is used up again and again: after each burst every loop
 * serves, and no thread and no client of before it waits for ever.
 *
 * <p>Only in the long form. What the JDK itself loses when memory runs out (a class whose initialisation fails, a
 * continuation that is not submitted) is not the engine's to mend, and happens in some runs; the faults that are the
 * engine's have tests of their own, {@code LoopFaultTest} and {@code PollFaultTest}, which are the same each time.
 */
@EnabledIfSystemProperty(named = "netpoll.long", matches = "true")
class OutOfMemoryTest {

    private static final int RUNS = 100;

    @Test
    void afterEachBurstEveryLoopServes() throws Exception {
        for (int i = 0; i < RUNS; i++) {
            String output = run();
            System.out.println(output);
            assertThat(output)
                    .as("run %d of %d", i, RUNS)
                    .contains("errors: enough\n", "waiters: []\n")
                    .endsWith("loops: []\n");
        }
    }

    private static String run() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path output = Files.createTempFile("bursts", ".out");
        Process process =
                new ProcessBuilder(
                                java,
                                "-Xmx40m",
                                "-XX:+UseSerialGC",
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OutOfMemoryBursts.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(300, TimeUnit.SECONDS);
            String printed = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(ended).as("it came to an end: %s", printed).isTrue();
            return printed;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}
