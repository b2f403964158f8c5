// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.CarrierMode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What stalls leave behind, and how long an engine takes to close while one of its loops changes its carrier. Prints the
 * process's resident memory after each wave of stalls, and the times of the closings. A heap that is resident from the
 * start leaves only what lies outside it:
 *
 * <pre>
 * java -Xms64m -Xmx64m -XX:+AlwaysPreTouch \
 *     --add-opens=java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
 *     -cp benchmarks/target/benchmarks.jar dev.netpoll.benchmarks.engine.StallFigures
 * </pre>
 */
public final class StallFigures {

    private static final int LOOPS = 2;
    private static final int WAVES = 43;
    private static final int STALLS_PER_WAVE = 10;
    private static final long STALL_MILLIS = 25;
    private static final int CLOSINGS = 450;

    private StallFigures() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        stalls();
        closings();
    }

    // ---- memory ---------------------------------------------------------------------------------

    private static void stalls() throws IOException, InterruptedException {
        try (NetpollEngine engine = start()) {
            wave(engine); // what is loaded and compiled once
            long before = residentKilobytes();
            long counted = countStalls(engine);
            for (int i = 1; i <= WAVES; i++) {
                wave(engine);
                if (i % 10 == 0 || i == WAVES) {
                    System.out.printf(
                            "%4d stalls: RSS %+6d kB, %d threads of the process%n",
                            countStalls(engine) - counted,
                            residentKilobytes() - before,
                            status("Threads"));
                }
            }
            Thread.sleep(Duration.ofSeconds(20)); // spare carriers end one after another
            System.out.printf(
                    "20 s later: RSS %+6d kB, %d threads%n",
                    residentKilobytes() - before, status("Threads"));
        }
    }

    /** So many threads that compute at the same time for longer than a loop waits. */
    private static void wave(NetpollEngine engine) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < STALLS_PER_WAVE; i++) {
            threads.add(engine.fork("stalls", () -> compute(STALL_MILLIS)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static long countStalls(NetpollEngine engine) {
        return engine.snapshot().loops().stream().mapToLong(loop -> loop.stalls()).sum();
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        return status("VmRSS");
    }

    private static long status(String what) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith(what + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("No " + what + " in /proc/self/status");
    }

    // ---- closing --------------------------------------------------------------------------------

    private static void closings() throws IOException, InterruptedException {
        Random random = new Random(1);
        long[] took = new long[CLOSINGS];
        for (int i = 0; i < CLOSINGS; i++) {
            NetpollEngine engine = start();
            for (int j = 0; j < LOOPS; j++) {
                long millis = 5 + random.nextInt(40);
                engine.fork("stalls", () -> compute(millis));
            }
            Thread.sleep(random.nextInt(20)); // about when the monitor hands a loop over
            long began = System.nanoTime();
            engine.close();
            took[i] = System.nanoTime() - began;
        }
        Arrays.sort(took);
        System.out.printf(
                "%d closings: median %.1f  p99 %.1f  longest %.1f ms; more than 1.2 s: %d%n",
                CLOSINGS,
                took[CLOSINGS / 2] / 1e6,
                took[CLOSINGS * 99 / 100] / 1e6,
                took[CLOSINGS - 1] / 1e6,
                Arrays.stream(took).filter(nanos -> nanos > 1_200_000_000L).count());
    }

    private static NetpollEngine start() throws IOException {
        return NetpollEngine.start(new EngineConfig("figures", LOOPS, CarrierMode.LOOP));
    }

    private static void compute(long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }
}
