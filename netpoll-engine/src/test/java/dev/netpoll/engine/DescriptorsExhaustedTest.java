// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A process of its own with few descriptors, so that this one keeps its. */
class DescriptorsExhaustedTest {

    private static final int LIMIT = 120;

    @Test
    void acceptFailsByItsNameWhileNoDescriptorIsLeftAndGoesOnWhenOneIs() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process =
                new ProcessBuilder(
                                "/bin/sh",
                                "-c",
                                "ulimit -n " + LIMIT + " && exec \"$@\"",
                                "sh",
                                java,
                                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                DescriptorsExhausted.class.getName())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it came to an end").isTrue();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(output)
                    .isEqualToIgnoringNewLines(
                            "accept4: EMFILE counted true\nrecovered: x\nechoed on: y\n");
        } finally {
            process.destroyForcibly();
        }
    }
}
