// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process of its own with few descriptors, so that this one keeps its. */
class DescriptorsGoneTest {

    private static final int LIMIT = 400;

    @Test
    void everyEmfileIsOneBackOffAndTheServiceIsOutOfServiceMeanwhile(@TempDir Path directory)
            throws Exception {
        Path output = directory.resolve("output");
        Path file = directory.resolve("netpoll.jfr");
        Process process =
                new ProcessBuilder(
                                "/bin/sh",
                                "-c",
                                "ulimit -n " + LIMIT + " && exec \"$@\"",
                                "sh",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:-MaxFDLimit",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DescriptorsGone.class.getName(),
                                file.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(180, TimeUnit.SECONDS))
                    .as("it came to an end: %s", Files.readString(output))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readAllLines(output))
                .containsSubsequence(
                        "before: UP 1 errnos, 0",
                        "gone: OUT_OF_SERVICE as often as EMFILE",
                        "kept: 200",
                        "waiting: 200",
                        "after: as often as EMFILE");
        assertThat(RecordingFile.readAllEvents(file))
                .filteredOn(
                        event -> event.getEventType().getName().equals("dev.netpoll.AcceptBackoff"))
                .isNotEmpty()
                .allSatisfy(
                        event -> {
                            assertThat(event.getString("errno")).isEqualTo("EMFILE");
                            assertThat(event.getDuration()).isPositive();
                        });
        assertThat(FlightRecorderTest.summary(file)).contains("dev.netpoll.AcceptBackoff");
    }
}
