// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Holds so many clients in half a handshake with a TLS port: half of them after half a ClientHello, the others after all of it.
 * One whom the server closes comes again. Says "holding" once all are there, and ends with its standard input.
 */
final class HalfHandshakes {

    private static final AtomicInteger OPEN = new AtomicInteger();

    private HalfHandshakes() {}

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]);
        int clients = Integer.parseInt(arguments[1]);
        byte[] hello = hello();
        for (int i = 0; i < clients; i++) {
            byte[] sent = i % 2 == 0 ? hello : Arrays.copyOf(hello, hello.length / 2);
            Thread.ofVirtual().start(() -> holdForEver(port, sent));
        }
        while (OPEN.get() < clients) {
            Thread.sleep(20);
        }
        System.out.println("holding");
        System.in.read();
        System.exit(0);
    }

    private static void holdForEver(int port, byte[] sent) {
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                socket.getOutputStream().write(sent);
                OPEN.incrementAndGet();
                try {
                    while (socket.getInputStream().read() >= 0) {
                        // the server's answer
                    }
                } finally {
                    OPEN.decrementAndGet();
                }
            } catch (IOException closed) {
                // again
            }
        }
    }

    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOf(record.array(), record.position());
    }
}
