// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.ClosingException;

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

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * One byte there and back over loopback TCP, between two virtual threads that block in read and write:
 * both on one loop, or each on its own. Go on the same machine: 6.8 µs.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open() first
public class PingPongBenchmark {

    private static final int ROUNDS = 1_000;

    /** More than one, so that a short read tells that the socket is empty. */
    private static final int ROOM = 64;

    @Param({"1", "2"})
    public int loops;

    private LoopbackPair pair;

    @Setup
    public void open() throws IOException {
        pair = LoopbackPair.open(loops, CarrierMode.LOOP);
        pair.server().fork(() -> echo(pair.server()));
    }

    @TearDown
    public void close() {
        pair.close();
    }

    @Benchmark
    @OperationsPerInvocation(ROUNDS)
    public int roundTrip() throws ExecutionException, InterruptedException {
        var client = new FutureTask<>(() -> ping(pair.client()));
        pair.client().fork(client);
        return client.get();
    }

    private static int ping(NetpollConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(ROOM);
        for (int i = 0; i < ROUNDS; i++) {
            connection.write(buffer.clear().limit(1));
            if (connection.read(buffer.clear()) < 0) {
                throw new EOFException();
            }
        }
        return ROUNDS;
    }

    private static void echo(NetpollConnection connection) {
        ByteBuffer buffer = ByteBuffer.allocate(ROOM);
        try {
            while (connection.read(buffer.clear()) >= 0) {
                connection.write(buffer.flip());
            }
        } catch (ClosingException e) {
            // Measured.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
