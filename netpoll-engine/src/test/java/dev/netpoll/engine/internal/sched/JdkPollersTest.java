// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** In a JVM of its own: the JDK makes its pollers once, and here another test may have been the first. */
class JdkPollersTest {

    @Test
    void socketsOfTheJdkDoNotDependOnALoopThoughACarriedThreadWaitsForOneFirst() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                java,
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FirstOnAJdkSocket.class.getName())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it came to an end").isTrue();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(output)
                    .isEqualTo(
                            "carried: came back\n"
                                    + "beside a loop that computes: came back\n"
                                    + "echo: alive\n");
        } finally {
            process.destroyForcibly();
        }
    }
}
