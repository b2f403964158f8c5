// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static dev.netpoll.testsupport.Bounded.eventually;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollEndpoint;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** The bpftrace scripts in {@code tools}, run on a live server with traffic. */
class TraceScriptsTest {

    private static final int TRIES = 10;

    /** A row of a histogram. */
    private static final String BAR = "\\R\\[[0-9KM]+(, [0-9KM]+\\))?\\]? +\\d+ \\|[@ ]+\\|";

    private static final String CARRIER = "\\[netpoll-carrier-\\d+ \\d+\\]: ?";
    private static final Pattern POLLS = Pattern.compile("@epoll_us" + CARRIER + BAR);
    private static final Pattern ACCEPTS = Pattern.compile("@accept_us" + CARRIER + BAR);
    private static final Pattern ROUNDS = Pattern.compile("@round_us" + CARRIER + BAR);

    private static final String THREAD = "STALL of thread (netpoll-carrier-\\d+ )?\\d+ ";
    private static final String ROW =
            " +\\d+ us before  \\w*\\(-?\\d+\\) \\[\\d+\\] = -?\\d+, took";
    private static final Pattern ON_CPU =
            Pattern.compile(THREAD + "on the CPU, for \\d+ ms so far(\\R" + ROW + " \\d+ us)+");
    private static final Pattern IN_READ =
            Pattern.compile(
                    THREAD
                            + "in a call, for \\d+ ms(\\R"
                            + ROW
                            + " \\d+ us)+\\R     stalled in  (read|openat)\\(");

    @TempDir private Path directory;

    private ConfigurableApplicationContext context;

    @BeforeEach
    void start() throws Exception {
        TraceScript.needed(directory);
        context = ObservedApplication.run();
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
    }

    @Test
    void theTimeOfEveryCarrierInTheKernelIsAHistogram() throws Exception {
        String printed = "";
        for (int i = 0; i < TRIES && !isWhole(printed); i++) {
            try (var script = TraceScript.run(directory, "kernel-time", 3)) {
                while (script.isRunning()) {
                    assertThat(Wire.get(port(), "/hello").status()).isEqualTo(200);
                }
                assertThat(script.await()).as(script.printed()).isZero();
                printed = script.printed();
            }
        }
        assertThat(printed)
                .containsPattern(POLLS)
                .containsPattern(ACCEPTS)
                .containsPattern(ROUNDS)
                .contains("process " + ProcessHandle.current().pid() + ", for 3 s")
                .doesNotContain("@left", "@polling", "@accepting");
    }

    private static boolean isWhole(String printed) {
        return POLLS.matcher(printed).find()
                && ACCEPTS.matcher(printed).find()
                && ROUNDS.matcher(printed).find();
    }

    @Test
    void theCallsBeforeAStallArePrintedWhereverTheCarrierStays() throws Exception {
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        try (var script = TraceScript.run(directory, "stalls", 1000)) {
            script.until(
                    ON_CPU,
                    () -> assertThat(Wire.get(port(), "/spin?ms=300").status()).isEqualTo(200));
            script.until(IN_READ, () -> stallInRead(pipe));
            assertThat(script.isRunning()).as(script.printed()).isTrue();
            assertThat(script.printed()).containsPattern(ON_CPU).containsPattern(IN_READ);
        }
    }

    /** A handler that waits in the kernel with its carrier, until the engine has seen it. */
    private void stallInRead(Path pipe) throws Exception {
        long before = stalls();
        CompletableFuture<Integer> answer =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return Wire.get(port(), "/read?file=" + pipe).status();
                            } catch (Exception e) {
                                throw new AssertionError(e);
                            }
                        });
        eventually(this::stalls, now -> now > before);
        new FileOutputStream(pipe.toFile()).close();
        assertThat(answer.get()).isEqualTo(200);
    }

    private long stalls() {
        return context.getBean(NetpollEndpoint.class).netpoll().loops().stream()
                .mapToLong(loop -> loop.stalls())
                .sum();
    }

    private int port() {
        return ObservedApplication.port(context);
    }
}
