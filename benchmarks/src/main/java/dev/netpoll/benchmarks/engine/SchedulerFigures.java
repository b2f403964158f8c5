// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.ClosingException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;

/**
 * How well an engine of two loops uses two processors: tasks forked on one loop, beside the JDK's scheduler, and
 * requests that come to the connections of one loop. Prints milliseconds and on how many carriers the work ran; rounds
 * are interleaved. Not a mean over a loop, so no JMH:
 *
 * <pre>
 * taskset -c 0,1 java --add-opens=java.base/java.lang=ALL-UNNAMED --enable-native-access=ALL-UNNAMED \
 *     -cp benchmarks/target/benchmarks.jar dev.netpoll.benchmarks.engine.SchedulerFigures [forked] [requests]
 * </pre>
 *
 * <p>A task is an amount of work and not of time: a carrier without a processor does not get on with it.
 */
public final class SchedulerFigures {

    private static final int LOOPS = 2;
    private static final int TASKS = 16;
    private static final int REQUESTS = 6;
    private static final int REQUEST_MILLIS = 3;

    /** So long after the first request of a round come the others, in the figure that has them late. */
    private static final long LATE_NANOS = 300_000;

    private static final int WARM_UP = 20;
    private static final int ROUNDS = 60;

    /** Turns of {@link #work} that take a millisecond. */
    private static long turnsPerMilli;

    /** So that the compiler cannot leave the work out. */
    private static volatile long result;

    private SchedulerFigures() {}

    /** What a round took, and on how many carriers its work ran. */
    private record Round(long nanos, int carriers) {}

    public static void main(String[] args) throws Exception {
        calibrate();
        try (NetpollEngine engine =
                NetpollEngine.start(new EngineConfig("figures", LOOPS, CarrierMode.LOOP))) {
            List<String> which = List.of(args);
            if (which.isEmpty() || which.contains("forked")) {
                forked(engine);
            }
            if (which.isEmpty() || which.contains("requests")) {
                requests(engine);
            }
        }
    }

    // ---- forked tasks ---------------------------------------------------------------------------

    private static void forked(NetpollEngine engine) throws Exception {
        List<Round> ours = new ArrayList<>();
        List<Round> theirs = new ArrayList<>();
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            var onLoop = new FutureTask<>(SchedulerFigures::forkAndJoin);
            var onJdk = new FutureTask<>(SchedulerFigures::forkAndJoin);
            engine.fork("figures", onLoop);
            onLoop.get();
            Thread.ofVirtual().start(onJdk);
            onJdk.get();
            if (i >= 0) {
                ours.add(onLoop.get());
                theirs.add(onJdk.get());
            }
        }
        print(TASKS + " tasks of 1 ms forked on one loop", ours);
        print("the same on the JDK's scheduler", theirs);
        System.out.printf(
                "%-44s best %.3f  median of the pairs %.3f%n",
                "ours ÷ the JDK's", (double) best(ours) / best(theirs), pairs(ours, theirs));
    }

    private static Round forkAndJoin() throws InterruptedException {
        Set<String> carriers = ConcurrentHashMap.newKeySet();
        List<Thread> tasks = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < TASKS; i++) {
            tasks.add(
                    Thread.startVirtualThread(
                            () -> {
                                carriers.add(carrier());
                                work(1);
                            }));
        }
        for (Thread task : tasks) {
            task.join();
        }
        return new Round(System.nanoTime() - began, carriers.size());
    }

    // ---- requests -------------------------------------------------------------------------------

    private static void requests(NetpollEngine engine) throws Exception {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (NetpollListener listener = engine.listen(anyPort, ListenOptions.defaults())) {
            var clients = new ArrayList<Socket>();
            try {
                connectToOneLoop(listener, clients);
                List<Round> atOnce = new ArrayList<>();
                List<Round> late = new ArrayList<>();
                for (int i = -WARM_UP; i < ROUNDS; i++) {
                    Round first = ask(clients, 0);
                    Round second = ask(clients, LATE_NANOS);
                    if (i >= 0) {
                        atOnce.add(first);
                        late.add(second);
                    }
                }
                String what = REQUESTS + " requests of " + REQUEST_MILLIS + " ms to one loop, ";
                print(what + "at once", atOnce);
                print(what + "5 late", late);
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
        }
    }

    private static final Set<String> SERVED_BY = ConcurrentHashMap.newKeySet();

    private static void connectToOneLoop(NetpollListener listener, List<Socket> clients)
            throws IOException {
        var address = (InetSocketAddress) Objects.requireNonNull(listener.localAddress());
        while (clients.size() < REQUESTS) {
            var client = new Socket(address.getAddress(), address.getPort());
            client.setTcpNoDelay(true);
            NetpollConnection connection = listener.accept();
            if (connection.loop() == 0) {
                connection.fork(() -> serve(connection));
                clients.add(client);
            }
        }
    }

    private static void serve(NetpollConnection connection) {
        ByteBuffer one = ByteBuffer.allocate(1);
        try (connection) {
            while (connection.read(one.clear()) > 0) {
                SERVED_BY.add(carrier());
                work(REQUEST_MILLIS);
                connection.write(one.flip());
            }
        } catch (ClosingException e) {
            // the engine closes
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Round ask(List<Socket> clients, long lateNanos) throws Exception {
        SERVED_BY.clear();
        var answered = new CountDownLatch(clients.size());
        for (Socket client : clients) {
            Thread.ofPlatform().start(() -> awaitAnswer(client, answered));
        }
        Thread.sleep(2);
        long began = System.nanoTime();
        clients.getFirst().getOutputStream().write(1);
        while (System.nanoTime() - began < lateNanos) {
            Thread.onSpinWait();
        }
        for (Socket client : clients.subList(1, clients.size())) {
            client.getOutputStream().write(1);
        }
        answered.await();
        return new Round(System.nanoTime() - began, SERVED_BY.size());
    }

    private static void awaitAnswer(Socket client, CountDownLatch answered) {
        try {
            client.getInputStream().read();
            answered.countDown();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- work and figures -----------------------------------------------------------------------

    private static void calibrate() {
        long best = Long.MAX_VALUE;
        long turns = 200_000;
        for (int i = 0; i < 200; i++) {
            long began = System.nanoTime();
            result = turn(turns);
            best = Math.min(best, System.nanoTime() - began);
        }
        turnsPerMilli = turns * 1_000_000 / best;
    }

    private static void work(long millis) {
        result = turn(millis * turnsPerMilli);
    }

    private static long turn(long turns) {
        long x = turns;
        for (long i = 0; i < turns; i++) {
            x = x * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        }
        return x;
    }

    /** The name of the platform thread under the caller, as the thread tells it. */
    private static String carrier() {
        String thread = Thread.currentThread().toString();
        return thread.substring(thread.indexOf('@') + 1);
    }

    private static void print(String what, List<Round> rounds) {
        long[] sorted = rounds.stream().mapToLong(Round::nanos).sorted().toArray();
        System.out.printf(
                "%-44s best %6.2f  median %6.2f  p90 %6.2f ms; on one carrier in %d of %d rounds%n",
                what,
                sorted[0] / 1e6,
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 9 / 10] / 1e6,
                rounds.stream().filter(round -> round.carriers() == 1).count(),
                rounds.size());
    }

    private static long best(List<Round> rounds) {
        return rounds.stream().mapToLong(Round::nanos).min().orElseThrow();
    }

    private static double pairs(List<Round> ours, List<Round> theirs) {
        double[] ratios = new double[ours.size()];
        Arrays.setAll(ratios, i -> (double) ours.get(i).nanos() / theirs.get(i).nanos());
        Arrays.sort(ratios);
        return ratios[ratios.length / 2];
    }
}
