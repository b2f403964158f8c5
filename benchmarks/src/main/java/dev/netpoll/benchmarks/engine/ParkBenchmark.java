// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.CarrierMode;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * One park and one wake-up of a virtual thread: two hand a turn to each other, on one loop or on the
 * JDK's scheduler. The two threads' start is a thousandth of it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
public class ParkBenchmark {

    private static final int TURNS = 10_000;

    @Param({"LOOP", "JDK"})
    public CarrierMode carriers;

    private NetpollEngine engine;

    @Setup
    public void open() throws IOException {
        engine = NetpollEngine.start(new EngineConfig("benchmark", 1, carriers));
    }

    @TearDown
    public void close() {
        engine.close();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int parkAndWake() throws ExecutionException, InterruptedException {
        var turns = new Turns();
        var odd = new FutureTask<>(() -> turns.take(1));
        var even = new FutureTask<>(() -> turns.take(0));
        engine.fork("odd", odd);
        engine.fork("even", even);
        return odd.get() + even.get();
    }

    /** Whose turn it is: that of the thread whose parity it has. */
    private static final class Turns {

        /** Each enters itself before it looks at the turn; who moves the turn looks here after. */
        private final AtomicReferenceArray<@Nullable Thread> threads =
                new AtomicReferenceArray<>(2);

        private volatile int turn;

        int take(int parity) {
            threads.set(parity, Thread.currentThread());
            int taken = 0;
            while (true) {
                int now = turn;
                if (now >= TURNS) {
                    LockSupport.unpark(threads.get(1 - parity));
                    return taken;
                }
                if ((now & 1) == parity) {
                    taken++;
                    turn = now + 1;
                    LockSupport.unpark(threads.get(1 - parity));
                } else {
                    LockSupport.park(this);
                }
            }
        }
    }
}
