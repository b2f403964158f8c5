// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** How long a connection lives, and what belongs to which request on it. */
abstract class KeepAliveContract extends ServerContract {

    @Test
    void aHundredRequestsShareOneConnection() throws Exception {
        TestServer server =
                server().property("maxKeepAliveRequests", 200)
                        .handle(
                                "/id",
                                (request, response) ->
                                        text(
                                                response,
                                                request.getServletConnection().getConnectionId()
                                                        + " "
                                                        + request.getRequestId()))
                        .start();
        RawClient client = server.connect();

        Set<String> connections = new HashSet<>();
        Set<String> requests = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            String[] ids = client.get("/id").receive().text().split(" ");
            connections.add(ids[0]);
            requests.add(ids[1]);
        }

        assertThat(connections).hasSize(1);
        assertThat(requests).hasSize(100);
        Bounded.until(() -> connections(server) == 1, () -> connections(server));
    }

    @Test
    void differentConnectionsHaveDifferentIds() throws Exception {
        TestServer server =
                server().handle(
                                "/id",
                                (request, response) ->
                                        text(
                                                response,
                                                request.getServletConnection().getConnectionId()))
                        .start();

        assertThat(
                        Set.of(
                                server.get("/id").text(),
                                server.get("/id").text(),
                                server.get("/id").text()))
                .hasSize(3);
    }

    @Test
    void twentyPipelinedRequestsAreAnsweredInOrder() throws Exception {
        TestServer server =
                server().handle(
                                "/n",
                                (request, response) -> text(response, request.getParameter("i")))
                        .start();
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            burst.append(RawClient.text("GET", "/n?i=" + i));
        }

        RawClient client = server.connect().send(burst.toString());

        for (int i = 0; i < 20; i++) {
            assertThat(client.receive().text()).isEqualTo("" + i);
        }
    }

    /** The responses do not fit into the socket: each waits for its predecessor's end to leave. */
    @Test
    void pipelinedRequestsOfASlowReaderAreAnsweredInOrder() throws Exception {
        String filling = "x".repeat(12_000);
        TestServer server =
                server().property("socket.txBufSize", 8_192)
                        .handle(
                                "/n",
                                (request, response) ->
                                        text(response, filling + request.getParameter("i")))
                        .start();
        int count = 60;
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < count; i++) {
            burst.append(RawClient.text("GET", "/n?i=" + i));
        }
        burst.append(RawClient.text("GET", "/n?i=last", "Connection: close"));

        RawClient client = server.connectSlowReader().send(burst.toString());

        for (int i = 0; i < count; i++) {
            assertThat(client.receive().text()).isEqualTo(filling + i);
        }
        assertThat(client.receive().text()).isEqualTo(filling + "last");
        assertThat(client.awaitEnd()).isEqualTo(new RawClient.End(0, false));
    }

    @Test
    void pipelinedRequestsWithBodiesAreAnsweredInOrder() throws Exception {
        TestServer server = echoServer().start();
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            burst.append(
                    i % 2 == 0
                            ? RawClient.text("POST", "/echo", "Content-Length: 3") + "n" + (10 + i)
                            : RawClient.text("POST", "/echo", "Transfer-Encoding: chunked")
                                    + "3\r\nn"
                                    + (10 + i)
                                    + "\r\n0\r\n\r\n");
        }

        RawClient client = server.connect().send(burst.toString());

        for (int i = 0; i < 20; i++) {
            assertThat(client.receive().text()).isEqualTo("n" + (10 + i));
        }
    }

    @Test
    void aPipelinedRequestThatIsCutInTheMiddleWaitsForItsRest() throws Exception {
        TestServer server = helloServer().start();
        String request = RawClient.text("GET", "/hello");
        RawClient client = server.connect();

        client.send(request + request.substring(0, 20));
        assertThat(client.receive().text()).isEqualTo("hello");
        client.send(request.substring(20) + request);
        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.receive().text()).isEqualTo("hello");
    }

    @Test
    void requestsThatArriveByteByByteAreUnderstood() throws Exception {
        TestServer server = echoServer().start();
        RawClient client = server.connect();
        String request =
                RawClient.text("POST", "/echo", "Transfer-Encoding: chunked", "X-Empty:")
                        + "5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n";

        for (int round = 0; round < 3; round++) {
            for (char c : request.toCharArray()) {
                client.send(String.valueOf(c));
            }
            assertThat(client.receive().text()).isEqualTo("hello!");
        }
    }

    @Test
    void emptyLinesBeforeARequestAreSkipped() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();

        assertThat(client.send("\r\n\r\n").get("/hello").receive().text()).isEqualTo("hello");
        assertThat(client.send("\r\n").get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void aBodyTheHandlerLeavesUnreadDoesNotSpoilTheNextRequest() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();

        client.request("POST", "/hello", "Content-Length: 20000").send(Payload.bytes(20_000));
        assertThat(client.receive().text()).isEqualTo("hello");
        client.request("POST", "/hello", "Transfer-Encoding: chunked")
                .chunk(Payload.bytes(20_000))
                .lastChunk();
        assertThat(client.receive().text()).isEqualTo("hello");
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void anUnreadBodyTooLargeToSwallowEndsTheConnection() throws Exception {
        TestServer server = helloServer().property("maxSwallowSize", 1024).start();

        RawClient client = server.connect().request("POST", "/hello", "Content-Length: 1000000");

        RawResponse response = client.receive();
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.header("Connection")).isEqualTo("close");
        client.send(Payload.bytes(2000));
        assertThat(client.awaitEnd().rest()).isZero();
    }

    @Test
    void theClientMayAskToClose() throws Exception {
        TestServer server = helloServer().start();

        RawClient client = server.connect().get("/hello", "Connection: close");
        RawResponse response = client.receive();

        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void theHandlerMayAskToClose() throws Exception {
        TestServer server =
                server().handle(
                                "/close",
                                (request, response) -> {
                                    response.setHeader("Connection", "close");
                                    text(response, "bye");
                                })
                        .start();

        RawClient client = server.connect().get("/close").get("/close");

        assertThat(client.receive().text()).isEqualTo("bye");
        assertThat(client.awaitEnd().rest()).as("no second answer").isZero();
    }

    @Test
    void http10ClosesAfterTheAnswer() throws Exception {
        TestServer server = helloServer().start();

        RawClient client = server.connect().send("GET /hello HTTP/1.0\r\n\r\n");
        RawResponse response = client.receive();

        assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 ");
        assertThat(response.text()).isEqualTo("hello");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void http10MayKeepTheConnection() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();

        for (int i = 0; i < 3; i++) {
            RawResponse response =
                    client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").receive();
            assertThat(response.text()).isEqualTo("hello");
            assertThat(response.header("Connection")).isEqualTo("keep-alive");
        }
    }

    @Test
    void http10GetsNoChunksButTheEndOfTheConnection() throws Exception {
        TestServer server = server().handle("/stream", KeepAliveContract::streamed).start();

        RawClient client =
                server.connect().send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        RawResponse response = client.receive();

        assertThat(response.has("Transfer-Encoding")).isFalse();
        assertThat(response.body()).hasSize(100_000);
        assertThat(Payload.checksum(response.body())).isEqualTo(Payload.checksum(100_000));
    }

    @Test
    void headHasTheHeadersOfGetAndNoBody() throws Exception {
        TestServer server = helloServer().handle("/stream", KeepAliveContract::streamed).start();
        RawClient client = server.connect();

        assertThat(client.request("HEAD", "/hello").receiveHead().header("Content-Length"))
                .isEqualTo("5");
        assertThat(client.request("HEAD", "/stream").receiveHead().status()).isEqualTo(200);
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void answersWithoutBodyKeepTheConnection(int status) throws Exception {
        TestServer server =
                helloServer()
                        .handle("/empty", (request, response) -> response.setStatus(status))
                        .start();
        RawClient client = server.connect();

        assertThat(client.get("/empty").receiveHead().status()).isEqualTo(status);
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
    }

    @Test
    void maxKeepAliveRequestsEndsTheConnectionAfterTheLastOne() throws Exception {
        TestServer server = helloServer().property("maxKeepAliveRequests", 3).start();
        RawClient client = server.connect();

        assertThat(client.get("/hello").receive().has("Connection")).isFalse();
        assertThat(client.get("/hello").receive().has("Connection")).isFalse();
        assertThat(client.get("/hello").receive().header("Connection")).isEqualTo("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void maxKeepAliveRequestsOfOneMeansNoKeepAlive() throws Exception {
        TestServer server = helloServer().property("maxKeepAliveRequests", 1).start();
        RawClient client = server.connect();

        assertThat(client.get("/hello").receive().header("Connection")).isEqualTo("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void maxKeepAliveRequestsOfMinusOneMeansNoLimit() throws Exception {
        TestServer server = helloServer().property("maxKeepAliveRequests", -1).start();
        RawClient client = server.connect();

        for (int i = 0; i < 300; i++) {
            assertThat(client.get("/hello").receive().has("Connection")).isFalse();
        }
    }

    @Test
    void theDefaultIsAHundredRequestsPerConnection() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();

        for (int i = 1; i < 100; i++) {
            assertThat(client.get("/hello").receive().has("Connection")).isFalse();
        }
        assertThat(client.get("/hello").receive().header("Connection")).isEqualTo("close");
    }

    private TestServer.Builder echoServer() {
        return server().handle(
                        "/echo",
                        (request, response) -> {
                            byte[] body = request.getInputStream().readAllBytes();
                            response.setContentLength(body.length);
                            response.getOutputStream().write(body);
                        });
    }

    private static void streamed(
            jakarta.servlet.http.HttpServletRequest request,
            jakarta.servlet.http.HttpServletResponse response)
            throws IOException {
        Payload.write(response.getOutputStream(), 100_000);
    }
}
