// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.context;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.util.concurrent.TimeUnit;

/** Cancelling a context with 10,000 children. Go's {@code context} on the same machine: 468 µs. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CancelManyBenchmark {

    @Param({"10000"})
    public int children;

    /** With a hook in each child that does next to nothing, or without. */
    @Param({"false", "true"})
    public boolean hooks;

    private CancelScope parent = CancelContext.background().withCancel();
    private CancelScope[] all = {};
    private long told;

    @Setup(Level.Invocation)
    public void open() {
        parent = CancelContext.background().withCancel();
        all = new CancelScope[children];
        for (int i = 0; i < children; i++) {
            all[i] = parent.withCancel();
            if (hooks) {
                all[i].onCancelInline(_ -> told++);
            }
        }
    }

    @Benchmark
    public boolean cancel() {
        return parent.cancel("benchmark");
    }
}
