// SPDX-License-Identifier: Apache-2.0
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLContext;

/**
 * Asks a TLS port for /hello over kept connections at a constant rate; latency counts from when a request was due.
 *
 * <p>{@code java Bystander PORT CONNECTIONS REQUESTS_PER_SECOND SECONDS} prints p50, p99 and the longest latency in
 * milliseconds, and how many requests failed. The first two seconds come in addition and are not counted.
 */
final class Bystander {

    private static final byte[] END = "Hello, World!".getBytes(StandardCharsets.US_ASCII);
    private static final int WARM_UP_SECONDS = 2;

    private final int port;
    private final SSLContext tls = Attack.trustingAll();
    private final AtomicInteger failed = new AtomicInteger();

    private Bystander(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws Exception {
        int connections = Integer.parseInt(arguments[1]);
        int each =
                Integer.parseInt(arguments[2])
                        * (Integer.parseInt(arguments[3]) + WARM_UP_SECONDS)
                        / connections;
        long interval = 1_000_000_000L * connections / Integer.parseInt(arguments[2]);
        int skipped = (int) (WARM_UP_SECONDS * 1_000_000_000L / interval);
        Bystander all = new Bystander(Integer.parseInt(arguments[0]));
        long[][] latencies = new long[connections][each];
        Thread[] threads = new Thread[connections];
        long begin = System.nanoTime() + 200_000_000;
        for (int i = 0; i < connections; i++) {
            long[] mine = latencies[i];
            long first = begin + i * interval / connections;
            threads[i] = new Thread(() -> all.ask(first, interval, mine));
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        long[] counted =
                Arrays.stream(latencies)
                        .flatMapToLong(row -> Arrays.stream(row).skip(skipped))
                        .sorted()
                        .toArray();
        System.out.printf(
                "%.2f %.2f %.2f %d%n",
                counted[counted.length / 2] / 1e6,
                counted[(int) (counted.length * 0.99)] / 1e6,
                counted[counted.length - 1] / 1e6,
                all.failed.get());
    }

    private void ask(long first, long interval, long[] latencies) {
        byte[] request =
                "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] response = new byte[2048];
        Socket socket = null;
        for (int i = 0; i < latencies.length; i++) {
            long due = first + i * interval;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            try {
                if (socket == null) {
                    socket = tls.getSocketFactory().createSocket("127.0.0.1", port);
                    socket.setTcpNoDelay(true);
                    socket.setSoTimeout(10_000);
                }
                socket.getOutputStream().write(request);
                readResponse(socket.getInputStream(), response);
            } catch (IOException e) {
                failed.incrementAndGet();
                socket = null;
            }
            latencies[i] = System.nanoTime() - due;
        }
    }

    private static void readResponse(InputStream in, byte[] into) throws IOException {
        for (int length = 0;
                length < END.length
                        || !Arrays.equals(
                                into, length - END.length, length, END, 0, END.length); ) {
            int n = in.read(into, length, into.length - length);
            if (n <= 0) {
                throw new EOFException();
            }
            length += n;
        }
    }
}
