// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.context;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.OwnedWork;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The operations of a context's life, below a parent that can be cancelled, as a request's is. Beside
 * Go's {@code context} on the same machine: child and cancel 124 ns, with a timeout 377 ns.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ContextBenchmark {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final CancelCause CAUSE = new CancelCause.CancelledByCode("benchmark");

    private static final OverdueWatch WATCH =
            OverdueWatch.logging(
                    new OverdueWatch.Settings(Duration.ofSeconds(1), Duration.ofMinutes(1)));

    private CancelScope parent = CancelContext.background().withCancel();
    private CancelScope deep = parent.withTimeout(Duration.ofDays(1)).withCancel();

    @Setup
    public void open() {
        parent = CancelContext.background().withCancel();
        deep = parent.withTimeout(Duration.ofDays(1)).withCancel();
    }

    @TearDown
    public void close() {
        parent.close();
    }

    @Benchmark
    public boolean childAndCancel() {
        return parent.withCancel().cancel(CAUSE);
    }

    @Benchmark
    public boolean childAndComplete() {
        return parent.withCancel().tryComplete();
    }

    @Benchmark
    public boolean childWithTimeoutAndCancel() {
        return parent.withTimeout(TIMEOUT).cancel(CAUSE);
    }

    @Benchmark
    public boolean childWithTimeoutAndComplete() {
        return parent.withTimeout(TIMEOUT).tryComplete();
    }

    /** What a request costs: its owner is told of an end, its thread interrupted and watched. */
    @Benchmark
    public @Nullable CancelContext request() {
        OwnedWork work = new OwnedWork(WATCH, InterruptPolicy.WHEN_WAITING, "request");
        try (CancelScope scope = parent.withCancel(work::end);
                Binding _ = scope.bind()) {
            work.enter();
            CancelContext current = CancelContext.currentOrNull();
            work.leave();
            return current;
        }
    }

    /** What a task of a user's own costs: a deadline, a binding, an interrupt on cancel. */
    @Benchmark
    public @Nullable CancelContext interruptibleWork() {
        try (CancelScope scope = parent.withTimeout(TIMEOUT);
                Binding _ = scope.bind();
                InterruptScope _ = InterruptScope.open(scope)) {
            return CancelContext.currentOrNull();
        }
    }

    @Benchmark
    public boolean hookAndStop() {
        return deep.onCancel(ContextBenchmark::nothing).stop();
    }

    @Benchmark
    public boolean askThreeLevelsDownWithADeadline() {
        return deep.isCancelled();
    }

    private static void nothing() {}
}
