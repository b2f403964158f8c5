// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Upgrade handlers. Tomcat makes them by their public constructors, so they can't be told anything. */
final class UpgradedConnections {
    /** One for each test: a handler of an earlier one may end late. */
    private static volatile Queue<HttpUpgradeHandler> ended = new ConcurrentLinkedQueue<>();

    private UpgradedConnections() {}

    /** Handlers made since {@link #forgetEnded} whose {@code destroy} was called. */
    static Collection<HttpUpgradeHandler> ended() {
        return ended;
    }

    static void forgetEnded() {
        ended = new ConcurrentLinkedQueue<>();
    }

    /** Tells when it is destroyed. */
    private abstract static class Recorded implements HttpUpgradeHandler {
        private final Queue<HttpUpgradeHandler> record = ended;

        @Override
        public void destroy() {
            record.add(this);
        }
    }

    /** Echoes on the thread that upgraded the connection, and keeps it until the client ends. */
    public static final class BlockingEcho extends Recorded {
        @Override
        public void init(WebConnection connection) {
            try (connection) {
                copy(connection);
            } catch (IOException clientReset) {
                close(connection);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The container's thread reads while one of the handler's own writes, both blocking. */
    public static final class FullDuplex extends Recorded {
        private static final byte[] END = new byte[0];

        /** Short, so that the client's slowness reaches the reader. */
        private final BlockingQueue<byte[]> read = new ArrayBlockingQueue<>(10);

        @Override
        public void init(WebConnection connection) {
            try (connection) {
                CompletableFuture<Void> writing =
                        Bounded.background(() -> write(connection.getOutputStream()));
                byte[] block = new byte[8192];
                ServletInputStream in = connection.getInputStream();
                for (int n = readOrEnd(in, block); n >= 0; n = readOrEnd(in, block)) {
                    read.put(Arrays.copyOf(block, n));
                }
                read.put(END);
                Bounded.value(writing);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private Void write(ServletOutputStream out) throws IOException, InterruptedException {
            for (byte[] block = read.take(); block != END; block = read.take()) {
                out.write(block);
                out.flush();
            }
            return null;
        }
    }

    /** Echoes on the container's threads, none of which waits. */
    public static final class NonBlockingEcho extends Recorded {
        @Override
        public void init(WebConnection connection) {
            try {
                new Echo(
                                connection.getInputStream(),
                                connection.getOutputStream(),
                                () -> close(connection))
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Speaks first, and last. */
    public static final class Greeting extends Recorded {
        @Override
        public void init(WebConnection connection) {
            try {
                connection.getOutputStream().print("hello and goodbye");
                connection.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            close(connection);
        }
    }

    private static void copy(WebConnection connection) throws IOException {
        ServletInputStream in = connection.getInputStream();
        ServletOutputStream out = connection.getOutputStream();
        byte[] block = new byte[8192];
        for (int n = readOrEnd(in, block); n >= 0; n = readOrEnd(in, block)) {
            out.write(block, 0, n);
            out.flush();
        }
    }

    /** Tomcat's streams of upgraded connections say the end by an exception. */
    private static int readOrEnd(ServletInputStream in, byte[] block) throws IOException {
        try {
            return in.read(block);
        } catch (EOFException end) {
            return -1;
        }
    }

    private static void close(WebConnection connection) {
        try {
            connection.close();
        } catch (Exception alreadyBroken) {
            // The client is gone; there is nothing left to close towards it.
        }
    }
}
