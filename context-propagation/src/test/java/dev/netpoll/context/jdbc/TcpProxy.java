// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A network between client and server that can be told to let nothing through. Any thread. */
final class TcpProxy implements AutoCloseable {

    private final String host;
    private final int target;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition flows = lock.newCondition();
    private boolean stalled; // under lock
    private int held; // under lock

    TcpProxy(String host, int target) throws IOException {
        this.host = host;
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void stall() {
        set(true);
    }

    void flow() {
        set(false);
    }

    private void set(boolean stop) {
        lock.lock();
        try {
            stalled = stop;
            flows.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether bytes have come that were not let through. */
    boolean isHoldingSomething() {
        lock.lock();
        try {
            return held > 0;
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket near = listener.accept();
                Socket far = new Socket(host, target);
                sockets.addAll(List.of(near, far));
                Thread.ofVirtual().start(() -> pump(near, far));
                Thread.ofVirtual().start(() -> pump(far, near));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                awaitFlow();
                out.write(buffer, 0, n);
            }
        } catch (IOException closed) {
            // either side has gone
        }
    }

    private void awaitFlow() {
        lock.lock();
        try {
            held++;
            while (stalled) {
                flows.awaitUninterruptibly();
            }
            held--;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        flow();
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
