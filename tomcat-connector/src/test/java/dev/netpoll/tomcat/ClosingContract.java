package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How a connection ends that the server closes while bytes are there that nobody has read: by a FIN, so that the client
 * can read its response, and not by a reset.
 */
abstract class ClosingContract extends ServerContract {

    private static final String UNREAD = "x".repeat(500);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: a\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
                "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /hello HTTP/1.0\r\n\r\n",
            })
    void unreadBytesBehindARequestThatEndsTheConnectionDoNotResetIt(String request)
            throws Exception {
        TestServer server = helloServer().start();

        for (int i = 0; i < 16; i++) {
            RawClient client = server.connect().send(request + UNREAD);
            client.halfClose();
            client.receive();
            assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        }
    }

    @Test
    void aRefusedBodyDoesNotResetTheConnection() throws Exception {
        TestServer server =
                server().property("continueResponseTiming", "onRead")
                        .handle(
                                "/refuse",
                                (request, response) ->
                                        response.sendError(
                                                HttpServletResponse.SC_EXPECTATION_FAILED))
                        .start();

        for (int i = 0; i < 16; i++) {
            RawClient client =
                    server.connect()
                            .request(
                                    "POST",
                                    "/refuse",
                                    "Content-Length: 1000",
                                    "Expect: 100-continue")
                            .send(Payload.bytes(1000));
            client.halfClose();
            assertThat(client.receive().status()).isEqualTo(417);
            assertThat(client.awaitEnd().reset()).isFalse();
        }
    }

    @Test
    void aClientThatNeverClosesIsNotWaitedForForEver() throws Exception {
        TestServer server = helloServer().start();

        RawClient client =
                server.connect()
                        .send(RawClient.text("GET", "/hello", "Connection: close") + UNREAD);

        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        awaitNoConnections(server);
    }
}
