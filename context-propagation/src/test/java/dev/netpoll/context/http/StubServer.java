// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.testsupport.Bounded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * A server of a raw socket that misbehaves as the path says, and knows when its client has gone. Each
 * target is visited once: tests make it unique by a query.
 */
final class StubServer implements AutoCloseable {

    /** What the server knows of one request. */
    static final class Visit {
        private final CountDownLatch misbehaving = new CountDownLatch(1);
        private final CountDownLatch gone = new CountDownLatch(1);
        private volatile String head = "";

        /** The server has done what it will do, as far as a client can notice. */
        void awaitMisbehaving() {
            Bounded.await(misbehaving);
        }

        /** The client has closed the connection. */
        void awaitGone() {
            Bounded.await(gone);
        }

        /** The request's value of a header, or an empty text. */
        String header(String name) {
            return head.lines()
                    .filter(line -> line.toLowerCase().startsWith(name.toLowerCase() + ":"))
                    .map(line -> line.substring(name.length() + 1).trim())
                    .findFirst()
                    .orElse("");
        }
    }

    private final ServerSocket listener;
    private final Map<String, Visit> visits = new ConcurrentHashMap<>();

    StubServer() {
        try {
            listener = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url(String target) {
        return "http://127.0.0.1:" + listener.getLocalPort() + target;
    }

    Visit visit(String target) {
        return visits.computeIfAbsent(target, _ -> new Visit());
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket socket) {
        Visit visit = null;
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String head = readHead(in);
                String target = head.isEmpty() ? "" : head.split(" ")[1];
                if (target.isEmpty()) {
                    return;
                }
                visit = visit(target);
                visit.head = head;
                if (!answer(target, visit, in, socket)) {
                    in.transferTo(OutputStream.nullOutputStream());
                    return;
                }
                visit.misbehaving.countDown();
            }
        } catch (IOException reset) {
            // as good an end as any
        } finally {
            if (visit != null) {
                visit.gone.countDown();
            }
        }
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** False if the connection is of no more use. */
    private static boolean answer(String target, Visit visit, InputStream in, Socket socket)
            throws IOException {
        OutputStream out = socket.getOutputStream();
        String kind = target.substring(1).split("\\?")[0];
        switch (kind) {
            case "ok" -> {
                send(out, "200 OK", "Content-Length: 5", "hello");
                return true;
            }
            case "503", "504" -> {
                send(out, kind + " Oh", "Content-Length: 2\r\nRetry-After: 7", "no");
                return true;
            }
            case "problem" -> {
                String body = "{\"status\":503,\"detail\":\"deadline exceeded: request limit\"}";
                send(
                        out,
                        "503 Service Unavailable",
                        "Content-Type: application/problem+json\r\nContent-Length: "
                                + body.length(),
                        body);
                return true;
            }
            case "silent" -> {}
            case "half-head" -> write(out, "HTTP/1.1 200 OK\r\nContent-Le");
            case "no-body" -> send(out, "200 OK", "Content-Length: 100", "");
            case "half-body" -> send(out, "200 OK", "Content-Length: 100", "0123456789");
            case "error-without-body" -> send(out, "500 Oh", "Content-Length: 100", "");
            case "gzip" -> send(out, "200 OK", "Content-Encoding: gzip\r\nContent-Length: 9", "");
            case "trickle" -> trickle(out, visit);
            case "flood" -> flood(out, visit);
            case "reset" -> {
                socket.setSoLinger(true, 0);
                socket.close();
            }
            default -> throw new IllegalStateException(kind);
        }
        visit.misbehaving.countDown();
        return false;
    }

    private static void trickle(OutputStream out, Visit visit) throws IOException {
        send(out, "200 OK", "Transfer-Encoding: chunked", "");
        while (true) {
            write(out, "1\r\nx\r\n");
            visit.misbehaving.countDown();
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void flood(OutputStream out, Visit visit) throws IOException {
        String chunk = "1000\r\n" + "x".repeat(4_096) + "\r\n";
        send(out, "200 OK", "Transfer-Encoding: chunked", "");
        while (true) {
            write(out, chunk);
            visit.misbehaving.countDown();
        }
    }

    private static void send(OutputStream out, String status, String headers, String body)
            throws IOException {
        write(out, "HTTP/1.1 " + status + "\r\n" + headers + "\r\n\r\n" + body);
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }
}
