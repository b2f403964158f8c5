// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import org.jspecify.annotations.Nullable;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One client connection that sends exactly the bytes it is told to, and takes responses apart without forgiving anything.
 *
 * <p>Used by one thread at a time for reading and one for writing. Every TCP read is bounded by {@link
 * Bounded#PATIENCE}; reads of a Unix domain socket by the test's own time limit.
 */
final class RawClient implements Closeable {
    private final Closeable socket;
    private final @Nullable Socket tcp;

    /** What the bytes travel on: {@link #tcp}, or the socket beneath its TLS. */
    private final @Nullable Socket wire;

    private final InputStream in;
    private final OutputStream out;

    /** Something has been sent, so that TLS has had its handshake. */
    private volatile boolean spoken;

    /** It has left, so that TLS has its keys. */
    private volatile boolean open;

    private RawClient(
            Closeable socket,
            @Nullable Socket tcp,
            @Nullable Socket wire,
            InputStream in,
            OutputStream out) {
        this.socket = socket;
        this.tcp = tcp;
        this.wire = wire;
        this.in = new BufferedInputStream(in);
        this.out = out;
    }

    static RawClient tcp(InetSocketAddress address) throws IOException {
        return tcp(address, 0, Bounded.PATIENCE.toMillis());
    }

    /** With a receive buffer of about {@code receiveBuffer} bytes (0: the kernel's default). */
    static RawClient tcp(InetSocketAddress address, int receiveBuffer, long connectMillis)
            throws IOException {
        Socket socket = new Socket();
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) Bounded.PATIENCE.toMillis());
            socket.connect(address, (int) connectMillis);
            return of(socket, socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static RawClient of(Socket socket, Socket wire) throws IOException {
        return new RawClient(
                socket, socket, wire, socket.getInputStream(), socket.getOutputStream());
    }

    /**
     * This connection, on which nothing has been sent, behind TLS. The handshake comes with the first byte that is
     * sent or read.
     */
    RawClient over(SSLContext context) throws IOException {
        return over(Objects.requireNonNull(wire), context);
    }

    /** A connection over {@code plain} behind TLS. */
    static RawClient over(Socket plain, SSLContext context) throws IOException {
        SSLSocketFactory factory = context.getSocketFactory();
        return of(factory.createSocket(plain, "localhost", plain.getPort(), true), plain);
    }

    /**
     * Where there is TLS, has its handshake, whose last word is the server's: a reset that follows does not meet it.
     * So it is TLS 1.2.
     */
    void finishHandshake() throws IOException {
        if (tcp instanceof SSLSocket tls) {
            tls.setEnabledProtocols(new String[] {"TLSv1.2"});
            tls.startHandshake();
        }
    }

    /** The client's end of TLS. */
    SSLSocket tls() {
        return (SSLSocket) Objects.requireNonNull(tcp);
    }

    boolean isTls() {
        return tcp instanceof SSLSocket;
    }

    /** What the bytes travel on. */
    Socket wire() {
        return Objects.requireNonNull(wire);
    }

    static RawClient unix(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        return new RawClient(
                channel,
                null,
                null,
                Channels.newInputStream(channel),
                Channels.newOutputStream(channel));
    }

    // ---- sending

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        spoken = true;
        out.write(bytes);
        open = true;
        return this;
    }

    /** Sends a GET with a Host header, and {@code headers} (each without its CRLF). */
    RawClient get(String target, String... headers) throws IOException {
        return request("GET", target, headers);
    }

    RawClient request(String method, String target, String... headers) throws IOException {
        return send(text(method, target, headers));
    }

    static String text(String method, String target, String... headers) {
        StringBuilder text =
                new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    /** Sends one chunk of a chunked body. An empty one would end the body: see {@link #lastChunk}. */
    RawClient chunk(byte[] bytes) throws IOException {
        ByteArrayOutputStream framed = new ByteArrayOutputStream(bytes.length + 16);
        framed.writeBytes(
                (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        framed.writeBytes(bytes);
        framed.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        return send(framed.toByteArray());
    }

    RawClient chunk(String text) throws IOException {
        return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient lastChunk(String... trailers) throws IOException {
        StringBuilder text = new StringBuilder("0\r\n");
        for (String trailer : trailers) {
            text.append(trailer).append("\r\n");
        }
        return send(text.append("\r\n").toString());
    }

    // ---- receiving

    /** The response to a GET, sent and awaited on another thread: over TLS the sending waits for the server. */
    CompletableFuture<RawResponse> ask(String target) {
        return Bounded.background(() -> get(target).receive());
    }

    /** A whole response with its body. */
    RawResponse receive() throws IOException {
        RawResponse head = receiveHead();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        List<Map.Entry<String, String>> trailers = new ArrayList<>();
        try (InputStream stream = body(head, trailers)) {
            stream.transferTo(body);
        }
        return head.with(body.toByteArray(), trailers);
    }

    /** The next whole response that is no interim one. */
    RawResponse receiveFinal() throws IOException {
        RawResponse response = receive();
        while (response.status() < 200) {
            response = receive();
        }
        return response;
    }

    /** Status line and headers only: what follows HEAD, 1xx, 204 and 304, or comes before {@link #body}. */
    RawResponse receiveHead() throws IOException {
        String statusLine = line();
        return new RawResponse(statusLine, fields(), new byte[0], List.of());
    }

    /** The body that belongs to {@code head}, without its framing; ends where the body ends. */
    InputStream body(RawResponse head) {
        return body(head, new ArrayList<>());
    }

    private InputStream body(RawResponse head, List<Map.Entry<String, String>> trailers) {
        int status = head.status();
        if (status < 200 || status == 204 || status == 304) {
            return InputStream.nullInputStream();
        }
        if (head.chunked()) {
            return new FramedBody(this, trailers);
        }
        return head.has("Content-Length")
                ? new FramedBody(this, Long.parseLong(head.header("Content-Length")))
                : in;
    }

    /** What comes next, as is. */
    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException(
                        "connection ended after \""
                                + line.toString(StandardCharsets.ISO_8859_1)
                                + "\"");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new IOException("line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }

    List<Map.Entry<String, String>> fields() throws IOException {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            fields.add(Map.entry(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return fields;
    }

    // ---- ends

    /** How the connection ended, after whatever still came; fails when it does not end. */
    End awaitEnd() throws IOException {
        try {
            // One that has sent nothing waits for the end, and for no handshake.
            InputStream from = spoken || wire == null ? in : wire.getInputStream();
            return new End(from.readAllBytes().length, false);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("connection still open after " + Bounded.PATIENCE, e);
        } catch (SocketException e) {
            return new End(0, true);
        }
    }

    /** FIN towards the server, over TLS behind a close_notify; this side still reads. */
    void halfClose() throws IOException {
        if (tcp != null) {
            tcp.shutdownOutput();
        } else {
            ((SocketChannel) socket).shutdownOutput();
        }
    }

    /** RST towards the server. */
    void reset() throws IOException {
        if (wire == null) {
            throw new IllegalStateException("only TCP can reset");
        }
        wire.setOption(StandardSocketOptions.SO_LINGER, 0);
        wire.close();
    }

    void patience(int millis) throws IOException {
        if (tcp == null) {
            throw new IllegalStateException("only TCP has a read timeout");
        }
        tcp.setSoTimeout(millis);
    }

    InetSocketAddress localAddress() {
        if (tcp == null) {
            throw new IllegalStateException("only TCP has an address");
        }
        return (InetSocketAddress) tcp.getLocalSocketAddress();
    }

    /** The server's port, also after it has stopped. */
    int remotePort() {
        if (tcp == null) {
            throw new IllegalStateException("only TCP has a port");
        }
        return tcp.getPort();
    }

    /** Over TLS by a close_notify, and without waiting for the server's, as the JDK's socket would. */
    @Override
    public void close() throws IOException {
        try {
            if (open && tcp instanceof SSLSocket tls && !tls.isOutputShutdown()) {
                tls.shutdownOutput();
                dropSessionTickets();
            }
        } catch (SocketException | SSLException e) {
            // The server was faster, and is gone.
        } finally {
            if (wire != null) {
                wire.close();
            }
            socket.close();
        }
    }

    /** They come unasked; unread, they would make a reset of the close. */
    private void dropSessionTickets() throws IOException {
        InputStream raw = wire().getInputStream();
        raw.skipNBytes(raw.available());
    }

    /**
     * @param rest bytes that still came before the end (unknown, 0, after a reset)
     * @param reset true for RST, false for FIN
     */
    record End(int rest, boolean reset) {
        static final End CLEAN = new End(0, false);
    }
}
