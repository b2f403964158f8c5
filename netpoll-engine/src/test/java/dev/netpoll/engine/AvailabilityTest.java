// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the engine says of JVMs with other flags than this one's. */
class AvailabilityTest {

    private static final String OPEN = "--add-opens=java.base/java.lang=ALL-UNNAMED";
    private static final String NATIVE = "--enable-native-access=ALL-UNNAMED";
    private static final String DENY = "--illegal-native-access=deny";

    @Test
    void withBothFlagsNothingIsInTheWay() throws Exception {
        assertThat(saidWith(OPEN, NATIVE)).containsExactly("null", "null");
    }

    @Test
    void withoutTheOpeningOnlyCarryingIsInTheWay() throws Exception {
        assertThat(saidWith(NATIVE))
                .containsExactly(
                        "null",
                        "java.lang is not open to the engine: start the JVM with"
                                + " --add-opens=java.base/java.lang=ALL-UNNAMED, or put"
                                + " 'Add-Opens: java.base/java.lang' into the executable jar's"
                                + " manifest");
    }

    @Test
    void whereNativeAccessIsDeniedTheFlagIsNamed() throws Exception {
        assertThat(saidWith(OPEN, DENY))
                .containsExactly(
                        "native access is denied: start the JVM with"
                                + " --enable-native-access=ALL-UNNAMED, or put"
                                + " 'Enable-Native-Access: ALL-UNNAMED' into the executable jar's"
                                + " manifest",
                        "null");
    }

    private static List<String> saidWith(String... flags) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Obstacles.class.getName()));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var out = process.getInputStream()) {
            List<String> lines =
                    new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Runs in a JVM of its own. */
    static final class Obstacles {

        private Obstacles() {}

        public static void main(String[] args) {
            System.out.println(NetpollEngine.obstacle());
            System.out.println(NetpollEngine.obstacleToCarrying());
        }
    }
}
