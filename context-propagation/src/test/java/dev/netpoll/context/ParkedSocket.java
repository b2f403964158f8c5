// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.concurrent.locks.LockSupport;

/** A socket on an implementation that is not the JDK's, as the engine's: it parks until it is interrupted. */
final class ParkedSocket extends Socket {

    ParkedSocket() throws SocketException {
        super(new Parked(true));
    }

    private ParkedSocket(Parked implementation) throws SocketException {
        super(implementation);
    }

    static Socket connected() throws IOException {
        Socket socket = new ParkedSocket(new Parked(false));
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
        return socket;
    }

    private static final class Parked extends SocketImpl {

        private final boolean connecting;

        Parked(boolean connecting) {
            this.connecting = connecting;
        }

        private void await() throws InterruptedIOException {
            while (!Thread.currentThread().isInterrupted()) {
                LockSupport.park(this);
            }
            throw new InterruptedIOException();
        }

        private void deeper(int frames) throws InterruptedIOException {
            if (frames == 0) {
                await();
            } else {
                deeper(frames - 1);
            }
        }

        @Override
        protected InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    deeper(8);
                    return -1;
                }

                @Override
                public int read(byte[] into, int from, int length) throws IOException {
                    return read();
                }
            };
        }

        @Override
        protected OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    await();
                }

                @Override
                public void write(byte[] source, int from, int length) throws IOException {
                    await();
                }
            };
        }

        @Override
        protected void connect(SocketAddress remote, int timeout) throws IOException {
            if (connecting) {
                deeper(8);
            }
        }

        @Override
        protected void create(boolean stream) {}

        @Override
        protected void connect(String host, int port) {}

        @Override
        protected void connect(InetAddress address, int port) {}

        @Override
        protected void bind(InetAddress host, int port) {}

        @Override
        protected void listen(int backlog) {}

        @Override
        protected void accept(SocketImpl other) {}

        @Override
        protected int available() {
            return 0;
        }

        @Override
        protected void close() {}

        @Override
        protected void sendUrgentData(int data) {}

        @Override
        public void setOption(int option, Object value) {}

        @Override
        public Object getOption(int option) {
            return 0;
        }
    }
}
