// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The demonstration script at the repository's top. */
final class Demo {

    private static final int BOUND_MINUTES = 8;

    private Demo() {}

    /** Runs it to its end and has a look at what it says. */
    static void run(Path directory, String... arguments) throws IOException, InterruptedException {
        Path output = directory.resolve("demo.txt");
        List<String> command = new ArrayList<>(List.of("bash", "../demo.sh"));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder demo =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        // Ours, which is recent enough; the machine's first one may not be.
        demo.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = demo.start();
        boolean ended = process.waitFor(BOUND_MINUTES, TimeUnit.MINUTES);
        process.destroy(); // ends what it has started, too
        String said = Files.readString(output);
        assertThat(ended).as(said).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said)
                .contains("(curl leaves: ")
                .contains("requests that ended because the client left: ")
                .contains("deadline exceeded")
                .contains("work that goes on although its request is over: 1")
                .contains("it is at dev.netpoll.sample.basics.WorkController.spin")
                .contains("{\"tea\":103,\"milk\":104,\"bread\":105} [200]")
                .contains("reminders that stopped with their client: ")
                .contains("reminders filed by the detached task: ")
                .endsWith("== Everything was as announced\n");
    }
}
