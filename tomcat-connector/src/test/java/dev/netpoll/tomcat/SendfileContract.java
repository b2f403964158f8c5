// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Files that go from the disk to the socket by {@code sendfile}, from the default servlet and from handlers. */
abstract class SendfileContract extends ServerContract {
    private static final int SIZE = 5_000_000;
    private static final String SENDFILE = "org.apache.tomcat.sendfile.";

    @TempDir private Path directory;

    private byte[] content = new byte[0];

    @BeforeEach
    final void writeFiles() throws IOException {
        content = Payload.bytes(SIZE);
        Files.write(directory.resolve("large.bin"), content);
        Files.write(directory.resolve("small.txt"), Payload.bytes(100));
    }

    @Test
    void theServerSaysThatItSupportsIt() throws Exception {
        TestServer server =
                server().handle(
                                "/support",
                                (request, response) ->
                                        text(
                                                response,
                                                "" + request.getAttribute(SENDFILE + "support")))
                        .start();

        assertThat(server.get("/support").text()).isEqualTo("true");
    }

    @Test
    void itCanBeSwitchedOff() throws Exception {
        TestServer server =
                server().files(directory)
                        .property("useSendfile", false)
                        .handle(
                                "/support",
                                (request, response) ->
                                        text(
                                                response,
                                                "" + request.getAttribute(SENDFILE + "support")))
                        .start();

        assertThat(server.get("/support").text()).isIn("false", "null");
        assertThat(Payload.checksum(server.get("/large.bin").body()))
                .isEqualTo(Payload.checksum(SIZE));
    }

    @Test
    void staticFilesArriveWholeAndTheConnectionGoesOn() throws Exception {
        TestServer server = server().files(directory).start();
        RawClient client = server.connect();

        for (int i = 0; i < 5; i++) {
            assertThat(Payload.checksum(client.get("/large.bin").receive().body()))
                    .isEqualTo(Payload.checksum(SIZE));
            assertThat(client.get("/small.txt").receive().body()).hasSize(100);
        }
    }

    @Test
    void staticFilesReachASlowReaderWhole() throws Exception {
        TestServer server = server().files(directory).start();
        RawClient client = server.connectSlowReader();

        for (int i = 0; i < 2; i++) {
            RawResponse head = client.get("/large.bin").receiveHead();
            InputStream body = client.body(head);
            Payload.Digest digest = Payload.digest(body, 1000);
            assertThat(digest).isEqualTo(Payload.digest(SIZE));
        }
    }

    @Test
    void pipelinedRequestsForFilesAreAnsweredInOrder() throws Exception {
        TestServer server = helloServer().files(directory).start();
        StringBuilder burst = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            burst.append(RawClient.text("GET", "/large.bin"));
            burst.append(RawClient.text("GET", "/hello"));
            burst.append(RawClient.text("GET", "/small.txt"));
        }

        RawClient client = server.connect().send(burst.toString());

        for (int i = 0; i < 3; i++) {
            assertThat(Payload.checksum(client.receive().body())).isEqualTo(Payload.checksum(SIZE));
            assertThat(client.receive().text()).isEqualTo("hello");
            assertThat(client.receive().body()).hasSize(100);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0-99,0,100",
        "1000000-3999999,1000000,3000000",
        "4999999-,4999999,1",
        "-500000,4500000,500000"
    })
    void rangesOfAFileAreServed(String range, int from, int length) throws Exception {
        TestServer server = server().files(directory).start();
        RawClient client = server.connect();

        for (int i = 0; i < 2; i++) {
            RawResponse part = client.get("/large.bin", "Range: bytes=" + range).receive();
            assertThat(part.status()).isEqualTo(206);
            assertThat(part.header("Content-Range"))
                    .isEqualTo("bytes " + from + "-" + (from + length - 1) + "/" + SIZE);
            assertThat(part.body().length).isEqualTo(length);
            assertThat(Payload.checksum(part.body()))
                    .isEqualTo(Payload.checksum(Arrays.copyOfRange(content, from, from + length)));
        }
    }

    @Test
    void aRangeBeyondTheFileIsRefused() throws Exception {
        TestServer server = server().files(directory).start();

        assertThat(server.get("/large.bin", "Range: bytes=9000000-").status()).isEqualTo(416);
    }

    @Test
    void headSendsNothingOfTheFile() throws Exception {
        TestServer server = server().files(directory).start();
        RawClient client = server.connect();

        assertThat(client.request("HEAD", "/large.bin").receiveHead().header("Content-Length"))
                .isEqualTo("" + SIZE);
        assertThat(client.get("/small.txt").receive().body()).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /large.bin HTTP/1.0\r\n\r\n",
                "GET /large.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            })
    void theConnectionMayEndWithTheFile(String request) throws Exception {
        TestServer server = server().files(directory).start();

        RawClient client = server.connectSlowReader().send(request);

        assertThat(Payload.checksum(client.receive().body())).isEqualTo(Payload.checksum(SIZE));
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void handlersMaySendPartsOfFiles() throws Exception {
        TestServer server = helloServer().handle("/part", this::sendPart).start();
        RawClient client = server.connect();

        for (int i = 0; i < 5; i++) {
            RawResponse part = client.get("/part?from=123456&to=4123456").receive();
            assertThat(Payload.checksum(part.body()))
                    .isEqualTo(Payload.checksum(Arrays.copyOfRange(content, 123_456, 4_123_456)));
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void aClientThatLeavesInTheMiddleOfAFileDisturbsNobody() throws Exception {
        TestServer server = helloServer().files(directory).start();
        for (int i = 0; i < 5; i++) {
            RawClient closing = server.connectSlowReader().get("/large.bin");
            closing.receiveHead();
            closing.close();
            RawClient resetting = server.connectSlowReader().get("/large.bin");
            resetting.receiveHead();
            resetting.reset();
        }

        awaitNoConnections(server);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    @Test
    void aReaderThatStopsIsTimedOut() throws Exception {
        Files.write(directory.resolve("huge.bin"), Payload.bytes(32 << 20));
        TestServer server = server().files(directory).property("connectionTimeout", 300).start();

        RawClient client = server.connectSlowReader().get("/huge.bin");
        client.receiveHead();

        awaitNoConnections(server);
        client.close();
    }

    private void sendPart(HttpServletRequest request, HttpServletResponse response) {
        long from = Long.parseLong(request.getParameter("from"));
        long to = Long.parseLong(request.getParameter("to"));
        response.setContentLengthLong(to - from);
        request.setAttribute(SENDFILE + "filename", directory.resolve("large.bin").toString());
        request.setAttribute(SENDFILE + "start", from);
        request.setAttribute(SENDFILE + "end", to);
    }
}
