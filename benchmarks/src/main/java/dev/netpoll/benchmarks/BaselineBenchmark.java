// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

import java.util.concurrent.TimeUnit;

/**
 * What the JDK's own clock and an interrupt check cost here: the ground under every other figure,
 * since each deadline reads the one and each park the other.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BaselineBenchmark {

    @Benchmark
    public long readClock() {
        return System.nanoTime();
    }

    @Benchmark
    public boolean checkInterrupt() {
        return Thread.currentThread().isInterrupted();
    }
}
