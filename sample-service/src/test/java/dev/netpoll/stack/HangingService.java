// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes requests and never answers; knows how many callers still wait. */
final class HangingService implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final AtomicInteger waiting = new AtomicInteger();

    HangingService() throws IOException {
        Thread.ofVirtual().name("hanging-service").start(this::accept);
    }

    String url() {
        return "http://localhost:" + listener.getLocalPort();
    }

    /** How many have sent something and have not hung up. */
    int waiting() {
        return waiting.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket caller = listener.accept();
                Thread.ofVirtual().start(() -> hang(caller));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void hang(Socket caller) {
        boolean counted = false;
        try (caller) {
            InputStream in = caller.getInputStream();
            counted = in.read() >= 0 && waiting.incrementAndGet() > 0;
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Hung up by RST.
        } finally {
            if (counted) {
                waiting.decrementAndGet();
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
