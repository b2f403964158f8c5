// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Ticker;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Moving the read deadline of a connection, which a server does with each request. Go's {@code
 * SetReadDeadline} on the same machine: 88 ns. Nothing may be allocated ({@code -prof gc}).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
public class DeadlineBenchmark {

    private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(30);

    private LoopbackPair pair;
    private NetpollConnection connection;
    private Ticker ticker;
    private long when;

    @Setup
    public void open() throws IOException {
        pair = LoopbackPair.open(1, CarrierMode.LOOP);
        connection = pair.client();
        ticker = pair.engine().ticker();
        when = ticker.nanoTime() + TIMEOUT;
    }

    @TearDown
    public void close() {
        pair.close();
    }

    /** Further back each time, for a caller that knows what time it is. */
    @Benchmark
    public void moveBack() {
        connection.setReadDeadline(when++);
    }

    /** Further back each time, the clock read for it: what Go's figure contains. */
    @Benchmark
    public void moveBackFromNow() {
        connection.setReadDeadline(ticker.nanoTime() + TIMEOUT);
    }

    /** Taken away and set again, as around each body of a request. Two moves. */
    @Benchmark
    public void clearAndSet() {
        connection.setReadDeadline(NetpollConnection.NO_DEADLINE);
        connection.setReadDeadline(ticker.nanoTime() + TIMEOUT);
    }

    /** Back by a minute and forward again. Two moves. */
    @Benchmark
    public void moveBackAndForward() {
        long now = ticker.nanoTime();
        connection.setReadDeadline(now + 2 * TIMEOUT);
        connection.setReadDeadline(now + TIMEOUT);
    }
}
