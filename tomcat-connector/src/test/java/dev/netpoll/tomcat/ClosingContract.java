// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;

/**
 * How a connection ends that the server closes while bytes are there that nobody has read: by a FIN, so that the client
 * can read its response, and not by a reset.
 */
abstract class ClosingContract extends ServerContract {

    private static final String CLOSE = "Connection: close\r\n";

    /** A request that ends its connection, and its status. */
    enum Last {
        TWO_HOSTS("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        NO_HOST("GET / HTTP/1.1\r\n\r\n", 400),
        NO_LENGTH("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: a\r\n\r\n", 400),
        NOT_CHUNKED(
                "POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
                400),
        LONG_EXTENSION(
                "POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;"
                        + "e".repeat(20_000),
                400),
        REFUSED(
                "POST /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n",
                405),
        EXPECTING(
                "POST /refuse HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n"
                        + "Expect: 100-continue\r\n\r\n",
                405),
        CLOSING("GET /hello HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + "\r\n", 200),
        HTTP_1_0("GET /hello HTTP/1.0\r\n\r\n", 200);

        final String text;
        final int status;

        Last(String text, int status) {
            this.text = text;
            this.status = status;
        }
    }

    final TestServer startServer() throws Exception {
        return helloServer()
                .property("continueResponseTiming", "onRead")
                .handle("/read", (request, response) -> readAll(request, response))
                .handle(
                        "/refuse",
                        (request, response) ->
                                response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED))
                .start();
    }

    private static void readAll(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        request.getInputStream().readAllBytes();
        text(response, "read");
    }

    @ParameterizedTest
    @EnumSource
    void aFewUnreadBytesBehindTheLastRequestDoNotResetTheConnection(Last last) throws Exception {
        endsWithFin(last, 500);
    }

    @ParameterizedTest
    @EnumSource
    void manyUnreadBytesBehindTheLastRequestDoNotResetTheConnection(Last last) throws Exception {
        endsWithFin(last, 100_000);
    }

    private void endsWithFin(Last last, int unread) throws Exception {
        TestServer server = startServer();
        for (int i = 0; i < 16; i++) {
            RawClient client = server.connect().send(last.text + "x".repeat(unread));
            client.halfClose();
            assertThat(client.receive().status()).isEqualTo(last.status);
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        }
    }

    @Test
    void aClientThatNeverClosesIsNotWaitedForForEver() throws Exception {
        TestServer server = helloServer().start();

        RawClient client =
                server.connect()
                        .send(
                                RawClient.text("GET", "/hello", "Connection: close")
                                        + "x".repeat(100_000));

        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        awaitNoConnections(server);
    }
}
