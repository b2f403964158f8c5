// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A run of {@code tools/trace.sh} on this very process, whose output goes to a file. */
final class TraceScript implements AutoCloseable {

    private static final int BOUND_SECONDS = 240;
    private static final int NOT_FOUND = 127;
    private static final Path SCRIPT = Path.of("..", "tools", "trace.sh");

    private final Process process;
    private final Path output;

    private TraceScript(Path output, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
        command.addAll(List.of(arguments));
        this.output = output;
        this.process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
    }

    /**
     * Abandons the test where the kernel lets nobody trace, as in a sandbox, or where bpftrace is not
     * installed; the latter fails in CI.
     */
    static void needed(Path directory) throws Exception {
        try (var check = new TraceScript(directory.resolve("check"), "--check")) {
            int code = check.await();
            if (code == NOT_FOUND && System.getenv("CI") != null) {
                fail("bpftrace is needed for the scripts in tools and is not here");
            } else if (code != 0) {
                abort("The scripts in tools cannot be tried here: " + check.printed());
            }
        }
    }

    static TraceScript run(Path directory, String name, int seconds) throws Exception {
        return new TraceScript(
                directory.resolve(name),
                name,
                String.valueOf(ProcessHandle.current().pid()),
                String.valueOf(seconds));
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Waits for its end; answers its exit code. */
    int await() throws Exception {
        assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS))
                .as("trace.sh came to an end: %s", printed())
                .isTrue();
        return process.exitValue();
    }

    /** Does {@code work} again and again until the script has printed what it shall. */
    void until(Pattern wanted, Work work) throws Exception {
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
        while (!wanted.matcher(printed()).find()) {
            assertThat(System.nanoTime())
                    .as("waited in vain for %s in %s", wanted, printed())
                    .isLessThan(giveUp);
            assertThat(isRunning()).as(printed()).isTrue();
            work.run();
        }
    }

    /** What is to be seen by a script. */
    interface Work {
        void run() throws Exception;
    }

    String printed() throws Exception {
        return Files.readString(output);
    }

    @Override
    public void close() throws Exception {
        process.descendants().forEach(ProcessHandle::destroy);
        await();
    }
}
