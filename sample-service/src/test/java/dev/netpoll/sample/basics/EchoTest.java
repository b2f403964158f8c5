// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;

class EchoTest extends ServiceTest {

    @Test
    void aSmallBodyComesBackUnchangedWithItsType() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        echo(BodyPublishers.ofString("body")).header("Content-Type", "a/b").build(),
                        BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("a/b");
        assertThat(answer.body()).isEqualTo("body");
    }

    @Test
    void anEmptyBodyComesBackEmpty() throws Exception {
        HttpResponse<String> answer =
                client.send(echo(BodyPublishers.noBody()).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aBodyLargerThanAllBuffersComesBackUnchanged() throws Exception {
        byte[] body = new byte[16 << 20];
        new Random(7).nextBytes(body);
        try (Socket socket = connect()) {
            // The JDK's client won't do: it reads nothing before it has sent everything.
            Thread sender = Thread.ofVirtual().start(() -> sendRequest(socket, body, body.length));

            assertThat(readUntil(socket, "\r\n\r\n")).startsWith("HTTP/1.1 200");
            assertThat(socket.getInputStream().readAllBytes()).isEqualTo(body);
            assertThat(sender.join(BOUND)).isTrue();
        }
    }

    @Test
    void theStartOfABodyComesBackBeforeItsEndWasSent() throws Exception {
        // More than the server's answer buffer holds, so that some of it must come back.
        byte[] half = "x".repeat(64 << 10).getBytes(US_ASCII);
        byte[] end = "the end".getBytes(US_ASCII);
        try (Socket socket = connect()) {
            sendRequest(socket, half, half.length + end.length);

            assertThat(readUntil(socket, "xxx")).startsWith("HTTP/1.1 200");

            socket.getOutputStream().write(end);
            assertThat(socket.getInputStream().readAllBytes()).endsWith(end);
        }
    }

    private Socket connect() throws IOException {
        URI uri = uri("http", "/echo");
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout((int) BOUND.toMillis());
        return socket;
    }

    /** As HTTP/1.0, so that the answer's end is the connection's and nothing comes in chunks. */
    private static void sendRequest(Socket socket, byte[] start, int length) {
        String head = "POST /echo HTTP/1.0\r\nContent-Length: " + length + "\r\n\r\n";
        try {
            socket.getOutputStream().write(head.getBytes(US_ASCII));
            socket.getOutputStream().write(start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything up to and with {@code end}; fails when the stream ends or stalls before it. */
    private static String readUntil(Socket socket, String end) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end, Math.max(0, read.length() - end.length())) < 0) {
            int next = in.read();
            assertThat(next).as("a byte of the answer after <%s>", read).isNotNegative();
            read.append((char) next);
        }
        return read.toString();
    }

    private HttpRequest.Builder echo(HttpRequest.BodyPublisher body) {
        return request("/echo").POST(body);
    }
}
