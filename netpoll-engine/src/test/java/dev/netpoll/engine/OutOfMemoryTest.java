// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Figures;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Processes of their own with a heap of 40 MB, which is used up again and again. The long form also demands that no
 * thread and no client of before the burst waits for ever.
 */
class OutOfMemoryTest {

    private static final int USUALLY = 3;
    private static final int LONG_FORM = 100;

    @Test
    void afterEachBurstEveryLoopServes() throws Exception {
        int runs = Figures.rounds(USUALLY, LONG_FORM);
        for (int i = 0; i < runs; i++) {
            String output = run();
            System.out.println(output);
            assertThat(output)
                    .as("run %d of %d", i, runs)
                    .contains("errors: enough\n")
                    .endsWith("loops: []\n");
            if (runs == LONG_FORM) {
                assertThat(output).as("run %d of %d", i, runs).contains("waiters: []\n");
            }
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
