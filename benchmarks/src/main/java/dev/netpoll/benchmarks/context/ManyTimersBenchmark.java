// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.context;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Contexts with deadlines that begin and end on many threads at once, as in a storm of clients that
 * leave: they share the timer and nothing else. More threads than processors, so that one of them is
 * now and then stopped in the middle. The samples' tail tells how long the others wait for it.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.Throughput, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Threads(16)
public class ManyTimersBenchmark {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final CancelCause CAUSE = new CancelCause.CancelledByCode("benchmark");

    @Benchmark
    public boolean timeoutAndCancel() {
        return CancelContext.background().withTimeout(TIMEOUT).cancel(CAUSE);
    }
}
