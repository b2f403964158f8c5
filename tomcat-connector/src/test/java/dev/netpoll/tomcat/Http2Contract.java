// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;

/** HTTP/2 as frames on a socket: beginning, requests, flow control, and how it ends. */
abstract class Http2Contract extends Http2ServerContract {

    private static final int LARGE = 4 << 20;

    // ---- beginning

    @Test
    void theFirstFrameIsTheServersSettingsAndTheClientsAreAcknowledged() throws Exception {
        Http2Client client = connect(http2Server().start());

        assertThat(client.any().type()).isEqualTo(Http2Client.SETTINGS);
        List<Integer> acknowledged = new ArrayList<>();
        while (acknowledged.isEmpty()) {
            Http2Client.Frame frame = client.any();
            if (frame.type() == Http2Client.SETTINGS) {
                acknowledged.add(frame.flags());
            }
        }
        assertThat(acknowledged).containsExactly(Http2Client.ACK);
    }

    @Test
    void aRequestIsAnsweredOnItsStream() throws Exception {
        Http2Client client = connect(http2Server().start()).get(1, "/hello");

        Http2Client.Response response = client.response(1);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo("hello");
        assertThat(response.field("content-length")).isEqualTo("5");
    }

    /** Not the preface itself: without TLS Tomcat looks for it in what its first read brings, and nowhere else. */
    @Test
    void whatFollowsThePrefaceMayComeByteByByte() throws Exception {
        Http2Client client = unprefaced(http2Server().start());
        client.send(Http2Client.PREFACE.getBytes());
        for (byte b : Http2Client.bytes(Http2Client.SETTINGS, 0, 0, new byte[0])) {
            client.send(new byte[] {b});
        }
        client.get(1, "/hello");
        assertThat(client.response(1).text()).isEqualTo("hello");
    }

    @Test
    void everythingMayComeInOnePacket() throws Exception {
        Http2Client client = unprefaced(http2Server().start());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(Http2Client.PREFACE.getBytes());
        all.writeBytes(Http2Client.bytes(Http2Client.SETTINGS, 0, 0, new byte[0]));
        for (int stream = 1; stream < 21; stream += 2) {
            byte[] head = client.request("GET", "/hello");
            all.writeBytes(Http2Client.bytes(Http2Client.HEADERS, 5, stream, head));
        }
        client.send(all.toByteArray());
        assertThat(texts(client, 10)).hasSize(10).allMatch("hello"::equals);
    }

    /** The bodies of as many streams as end, by whatever order they come in. */
    private static List<String> texts(Http2Client client, int streams) throws IOException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < streams) {
            Http2Client.Frame frame = client.next();
            if (frame.type() == Http2Client.DATA && frame.payload().length > 0) {
                texts.add(frame.text());
            }
        }
        return texts;
    }

    @Test
    void manyConnectionsAndStreamsOfTheJdksClientAreServed() throws Exception {
        TestServer server = http2Server().handle("/echo", Http2Contract::echo).start();
        try (HttpClient client = jdkClient(server)) {
            List<CompletableFuture<HttpResponse<String>>> pending = new ArrayList<>();
            for (int i = 0; i < 90; i++) {
                HttpRequest request =
                        HttpRequest.newBuilder(uri(server, "/echo"))
                                .POST(HttpRequest.BodyPublishers.ofString("body " + i))
                                .build();
                pending.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
            }
            for (int i = 0; i < 90; i++) {
                HttpResponse<String> response = Bounded.value(pending.get(i));
                assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(response.body()).isEqualTo("body " + i);
            }
        }
    }

    private URI uri(TestServer server, String path) {
        String scheme = subject().tls() == null ? "http" : "https";
        return URI.create(scheme + "://localhost:" + server.port() + path);
    }

    /** A client that has a connection already: its first request upgrades one, and Tomcat takes no long ones for that. */
    private HttpClient jdkClient(TestServer server) throws Exception {
        HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2);
        if (subject().tls() != null) {
            builder.sslContext(subject().tls());
        }
        HttpClient client = builder.build();
        HttpRequest first = HttpRequest.newBuilder(uri(server, "/hello")).build();
        assertThat(client.send(first, HttpResponse.BodyHandlers.ofString()).body())
                .isEqualTo("hello");
        return client;
    }

    private static void echo(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        response.getOutputStream().write(request.getInputStream().readAllBytes());
    }

    @Test
    void withoutAgreementItIsHttp11AsBefore() throws Exception {
        TestServer server = http2Server().start();
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    // ---- frames of the connection

    @Test
    void aPingIsAnsweredWithItsOwnBytes() throws Exception {
        Http2Client client = connect(http2Server().start());
        byte[] payload = {1, 2, 3, 4, 5, 6, 7, 8};
        client.frame(Http2Client.PING, 0, 0, payload);
        Http2Client.Frame frame = client.any();
        while (frame.type() != Http2Client.PING || frame.flags() != Http2Client.ACK) {
            frame = client.any();
        }
        assertThat(frame.payload()).isEqualTo(payload);
    }

    @Test
    void priorityFramesAndUnknownOnesChangeNothing() throws Exception {
        Http2Client client = connect(http2Server().start());
        client.frame(Http2Client.PRIORITY, 0, 3, new byte[] {0, 0, 0, 0, 16});
        client.frame(0xbb, 0x3f, 0, new byte[] {1, 2, 3});
        client.get(1, "/hello");
        assertThat(client.response(1).text()).isEqualTo("hello");
    }

    @Test
    void aHeaderBlockMayGoOnInOtherFrames() throws Exception {
        Http2Client client = connect(http2Server().start());
        byte[] block = client.request("GET", "/hello", "x-long", "x".repeat(3000));
        int third = block.length / 3;
        client.frame(
                Http2Client.HEADERS,
                Http2Client.END_STREAM,
                1,
                Arrays.copyOfRange(block, 0, third));
        client.frame(Http2Client.CONTINUATION, 0, 1, Arrays.copyOfRange(block, third, 2 * third));
        client.frame(
                Http2Client.CONTINUATION,
                Http2Client.END_HEADERS,
                1,
                Arrays.copyOfRange(block, 2 * third, block.length));
        assertThat(client.response(1).text()).isEqualTo("hello");
    }

    // ---- bodies

    @Test
    void aLargeBodyGoesBothWays() throws Exception {
        TestServer server = http2Server().handle("/digest", ServerContract::answerDigest).start();
        try (HttpClient client = jdkClient(server)) {
            byte[] body = new byte[LARGE];
            new Random(7).nextBytes(body);
            HttpRequest request =
                    HttpRequest.newBuilder(uri(server, "/digest"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                            .build();
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.body())
                    .isEqualTo(Payload.digest(new ByteArrayInputStream(body)).toString());
        }
    }

    @Test
    void aLargeResponseComesWhole() throws Exception {
        byte[] body = new byte[LARGE];
        new Random(7).nextBytes(body);
        TestServer server =
                http2Server()
                        .handle("/large", (_, response) -> response.getOutputStream().write(body))
                        .start();
        try (HttpClient client = jdkClient(server)) {
            HttpRequest request = HttpRequest.newBuilder(uri(server, "/large")).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body())
                    .isEqualTo(body);
        }
    }

    @Test
    void theServerSendsNoMoreThanTheStreamsWindow() throws Exception {
        TestServer server =
                http2Server()
                        .handle(
                                "/large",
                                (_, response) -> response.getOutputStream().write(new byte[1000]))
                        .start();
        Http2Client client = unprefaced(server).preface(4, 100); // INITIAL_WINDOW_SIZE
        client.get(1, "/large");
        int received = 0;
        boolean ended = false;
        while (!ended) {
            Http2Client.Frame frame = client.next();
            if (frame.type() == Http2Client.DATA) {
                assertThat(frame.payload().length).isLessThanOrEqualTo(100);
                received += frame.payload().length;
                ended = frame.isEnd();
                if (!ended && frame.payload().length > 0) {
                    client.windowUpdate(1, frame.payload().length);
                }
            }
        }
        assertThat(received).isEqualTo(1000);
    }

    /** The writer of stream 1 has no window: neither another stream nor the frame that gives it one waits for it. */
    @Test
    void oneStreamThatMayNotWriteHoldsUpNoOther() throws Exception {
        TestServer server =
                http2Server()
                        .handle(
                                "/large",
                                (_, response) -> response.getOutputStream().write(new byte[20_000]))
                        .start();
        Http2Client client = unprefaced(server).preface(4, 10);
        client.get(1, "/large");
        assertThat(client.next(Http2Client.DATA, 1).payload()).hasSize(10);
        for (int stream = 3; stream < 40; stream += 2) {
            client.get(stream, "/hello");
            assertThat(client.response(stream).text()).isEqualTo("hello");
        }
        client.windowUpdate(1, 30_000);
        assertThat(client.response(1).body()).hasSize(20_000 - 10);
    }

    @Test
    void trailersComeThroughBothWays() throws Exception {
        TestServer server =
                http2Server()
                        .handle(
                                "/trailers",
                                (request, response) -> {
                                    request.getInputStream().readAllBytes();
                                    Map<String, String> fields = request.getTrailerFields();
                                    response.setTrailerFields(() -> Map.of("x-answer", "yes"));
                                    text(response, fields.get("x-sum"));
                                })
                        .connector(c -> c.setProperty("allowedTrailerHeaders", "x-sum"))
                        .start();
        Http2Client client = connect(server).post(1, "/trailers");
        client.data(1, "body".getBytes(), false);
        client.frame(Http2Client.HEADERS, 5, 1, HeaderBlocks.literal("x-sum", "42"));
        Http2Client.Response response = client.response(1);
        assertThat(response.text()).isEqualTo("42");
        assertThat(response.trailers()).containsExactly(Map.entry("x-answer", "yes"));
    }

    @Test
    void aBodyThatIsNotReadIsGivenUpAndTheConnectionGoesOn() throws Exception {
        TestServer server = http2Server().start();
        Http2Client client = connect(server).post(1, "/hello");
        client.data(1, new byte[1000], false);
        Http2Client.Response response = client.response(1);
        assertThat(response.text()).isEqualTo("hello");
        assertThat(client.next(Http2Client.RST_STREAM, 1).error()).isEqualTo(Http2Client.NO_ERROR);
        client.get(3, "/hello");
        assertThat(client.response(3).text()).isEqualTo("hello");
    }

    // ---- ends

    /** With /held, whose requests are answered once {@code release} is open. */
    private TestServer.Builder holding(CountDownLatch entered, CountDownLatch release) {
        return http2Server()
                .handle(
                        "/held",
                        (_, response) -> {
                            entered.countDown();
                            Bounded.await(release);
                            text(response, "held");
                        });
    }

    @Test
    void aResetRequestLeavesTheOthersAlone() throws Exception {
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        TestServer server = holding(entered, release).start();
        Http2Client client = connect(server).get(1, "/held");
        Bounded.await(entered);
        client.reset(1, Http2Client.CANCEL);
        client.get(3, "/hello");
        assertThat(client.response(3).text()).isEqualTo("hello");
        release.countDown();
        client.get(5, "/hello");
        assertThat(client.response(5).text()).isEqualTo("hello");
    }

    @Test
    void anAsynchronousRequestThatIsResetIsToldOfTheErrorAndCompletes() throws Exception {
        AsyncEvents events = new AsyncEvents();
        var entered = new CountDownLatch(1);
        TestServer server =
                http2Server()
                        .handle(
                                "/async",
                                (request, _) -> {
                                    AsyncContext async = request.startAsync();
                                    async.setTimeout(0);
                                    async.addListener(events);
                                    entered.countDown();
                                })
                        .start();
        Http2Client client = connect(server).get(1, "/async");
        Bounded.await(entered);
        client.get(3, "/hello");
        assertThat(client.response(3).text()).isEqualTo("hello");
        client.reset(1, Http2Client.CANCEL);
        Bounded.until(() -> events.seen().contains("complete"), events::seen);
        assertThat(events.seen()).containsExactly("error", "complete");
        client.get(5, "/hello");
        assertThat(client.response(5).text()).isEqualTo("hello");
    }

    @Test
    void aPauseIsToldByGoAwayAndWhatIsUnderWayIsAnswered() throws Exception {
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        TestServer server = holding(entered, release).start();
        Http2Client client = connect(server).get(1, "/held");
        Bounded.await(entered);
        Bounded.until("the connection's own thread is done", server::isAtRest);
        server.connector().pause();
        Http2Client.Frame goAway = client.next(Http2Client.GOAWAY, 0);
        release.countDown();
        assertThat(goAway.error()).isEqualTo(Http2Client.NO_ERROR);
        assertThat(goAway.number()).isEqualTo(Integer.MAX_VALUE);
        assertThat(client.response(1).text()).isEqualTo("held");
    }

    @Test
    void anIdleConnectionEndsByGoAwayWhenItsTimeIsOver() throws Exception {
        TestServer server = http2Server(http2 -> http2.setKeepAliveTimeout(100)).start();
        Http2Client client = connect(server).get(1, "/hello");
        assertThat(client.response(1).text()).isEqualTo("hello");
        assertThat(client.awaitGoAway()).isEqualTo(Http2Client.NO_ERROR);
        assertThat(client.raw().awaitEnd().reset()).isFalse();
    }

    /** What is wrong, and the code that the server ends the connection with. */
    enum Wrong {
        DATA_ON_STREAM_ZERO(
                Http2Client.PROTOCOL_ERROR, client -> client.data(0, new byte[1], true)),
        HEADERS_ON_STREAM_ZERO(Http2Client.PROTOCOL_ERROR, client -> client.get(0, "/hello")),
        EVEN_STREAM(Http2Client.PROTOCOL_ERROR, client -> client.get(2, "/hello")),
        STREAM_GOING_BACK(
                Http2Client.PROTOCOL_ERROR, client -> client.get(5, "/hello").get(3, "/hello")),
        DATA_ON_IDLE_STREAM(
                Http2Client.PROTOCOL_ERROR, client -> client.data(7, new byte[1], true)),
        RESET_OF_IDLE_STREAM(
                Http2Client.PROTOCOL_ERROR, client -> client.reset(9, Http2Client.CANCEL)),
        SHORT_PING(
                Http2Client.FRAME_SIZE_ERROR,
                client -> client.frame(Http2Client.PING, 0, 0, new byte[7])),
        PING_ON_STREAM(
                Http2Client.PROTOCOL_ERROR,
                client -> client.frame(Http2Client.PING, 0, 1, new byte[8])),
        SETTINGS_ON_STREAM(
                Http2Client.PROTOCOL_ERROR,
                client -> client.frame(Http2Client.SETTINGS, 0, 1, new byte[6])),
        SETTINGS_OF_ODD_LENGTH(
                Http2Client.FRAME_SIZE_ERROR,
                client -> client.frame(Http2Client.SETTINGS, 0, 0, new byte[7])),
        ACK_WITH_PAYLOAD(
                Http2Client.FRAME_SIZE_ERROR,
                client -> client.frame(Http2Client.SETTINGS, 1, 0, new byte[6])),
        WINDOW_TOO_LARGE_SETTING(
                Http2Client.FLOW_CONTROL_ERROR,
                client ->
                        client.frame(
                                Http2Client.SETTINGS,
                                0,
                                0,
                                Http2Client.settings(4, Integer.MIN_VALUE))),
        WINDOW_UPDATE_OF_ZERO(Http2Client.PROTOCOL_ERROR, client -> client.windowUpdate(0, 0)),
        WINDOW_OVERFLOW(
                Http2Client.FLOW_CONTROL_ERROR,
                client -> client.windowUpdate(0, Integer.MAX_VALUE)),
        CONTINUATION_WITHOUT_HEADERS(
                Http2Client.PROTOCOL_ERROR,
                client -> client.frame(Http2Client.CONTINUATION, 4, 1, new byte[1])),
        INTERRUPTED_HEADER_BLOCK(
                Http2Client.COMPRESSION_ERROR,
                client ->
                        client.frame(Http2Client.HEADERS, 1, 1, client.request("GET", "/hello"))
                                .frame(Http2Client.PING, 0, 0, new byte[8])),
        PUSH_PROMISE(
                Http2Client.PROTOCOL_ERROR,
                client -> client.frame(Http2Client.PUSH_PROMISE, 4, 1, new byte[4])),
        FRAME_TOO_LARGE(
                Http2Client.FRAME_SIZE_ERROR,
                client -> client.frame(Http2Client.DATA, 0, 1, new byte[16_385])),
        BAD_HEADER_BLOCK(
                Http2Client.COMPRESSION_ERROR,
                client -> client.frame(Http2Client.HEADERS, 5, 1, new byte[] {(byte) 0xff, 0x7f}));

        private interface Sending {
            Http2Client send(Http2Client client) throws IOException;
        }

        private final int error;
        private final Sending sending;

        Wrong(int error, Sending sending) {
            this.error = error;
            this.sending = sending;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsMalformedOrOutOfOrderEndsTheConnectionWithItsCode(Wrong wrong) throws Exception {
        Http2Client client = connect(http2Server().start());
        wrong.sending.send(client);
        int error = client.awaitGoAway();
        if (!subject().resetsAfterGoAway() || error >= 0) {
            assertThat(error).isEqualTo(wrong.error);
        }
    }

    @Test
    void aBadPrefaceEndsTheConnection() throws Exception {
        TestServer server = http2Server().start();
        Http2Client client = unprefaced(server);
        client.send("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n".getBytes());
        client.frame(Http2Client.SETTINGS, 0, 0, new byte[0]);
        client.awaitGoAway();
        client.raw().awaitEnd();
    }

    // ---- attacks

    @Test
    void tenThousandRapidResetsEndTheConnectionCalmly() throws Exception {
        TestServer server = http2Server().start();
        Http2Client client = connect(server);
        int error = flood(client, round -> resets(client, round), 100);
        assertThat(error).isIn(calmly());
        assertThat(connect(server).get(1, "/hello").response(1).text()).isEqualTo("hello");
    }

    private static byte[] resets(Http2Client client, int round) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 100; i++) {
            int stream = 2 * (round * 100 + i) + 1;
            byte[] head = client.request("GET", "/hello");
            all.writeBytes(Http2Client.bytes(Http2Client.HEADERS, 5, stream, head));
            all.writeBytes(
                    Http2Client.bytes(Http2Client.RST_STREAM, 0, stream, Http2Client.number(8)));
        }
        return all.toByteArray();
    }

    @Test
    void fiveThousandContinuationsEndTheConnectionCalmly() throws Exception {
        TestServer server = http2Server().start();
        Http2Client client = connect(server);
        client.frame(Http2Client.HEADERS, 1, 1, client.request("GET", "/hello"));
        byte[] piece =
                Http2Client.bytes(Http2Client.CONTINUATION, 0, 1, HeaderBlocks.literal("x-a", "b"));
        int error = flood(client, _ -> repeated(piece, 100), 50);
        if (error
                != Http2Client
                        .COMPRESSION_ERROR) { // as the block's pieces come, Tomcat gives either
            assertThat(error).isIn(calmly());
        }
        assertThat(connect(server).get(1, "/hello").response(1).text()).isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(ints = {Http2Client.SETTINGS, Http2Client.PING})
    void floodsOfSettingsAndPingsEndTheConnectionCalmly(int type) throws Exception {
        TestServer server = http2Server().start();
        Http2Client client = connect(server);
        byte[] payload = new byte[type == Http2Client.PING ? 8 : 0];
        byte[] frame = Http2Client.bytes(type, 0, 0, payload);
        int error = flood(client, _ -> repeated(frame, 100), 100);
        assertThat(error).isIn(calmly());
        assertThat(connect(server).get(1, "/hello").response(1).text()).isEqualTo("hello");
    }

    private List<Integer> calmly() {
        return subject().resetsAfterGoAway()
                ? List.of(Http2Client.ENHANCE_YOUR_CALM, -1)
                : List.of(Http2Client.ENHANCE_YOUR_CALM);
    }

    private static byte[] repeated(byte[] frame, int times) {
        ByteBuffer all = ByteBuffer.allocate(frame.length * times);
        for (int i = 0; i < times; i++) {
            all.put(frame);
        }
        return all.array();
    }

    /** Sends until the server has had enough; the code of its GOAWAY, -1 where a reset has overtaken it. */
    private static int flood(Http2Client client, IntFunction<byte[]> bytes, int rounds) {
        CompletableFuture<Integer> error = Bounded.background(client::awaitGoAway);
        try {
            for (int round = 0; round < rounds && !error.isDone(); round++) {
                client.send(bytes.apply(round));
            }
        } catch (IOException e) {
            // It has.
        }
        return Bounded.value(error);
    }

    @Test
    void aClientThatGivesNoWindowLosesItsStreamInTime() throws Exception {
        TestServer server =
                http2Server(http2 -> http2.setStreamWriteTimeout(100))
                        .handle(
                                "/large",
                                (_, response) -> response.getOutputStream().write(new byte[9000]))
                        .start();
        Http2Client client = unprefaced(server).preface(4, 0);
        client.get(1, "/large");
        assertThat(client.next(Http2Client.RST_STREAM, 1).error())
                .isEqualTo(Http2Client.ENHANCE_YOUR_CALM);
    }

    // ---- upgrade

    /** Of the plain connection only. */
    final Http2Client upgraded(TestServer server, String path) throws IOException {
        String settings = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[0]);
        RawClient raw =
                server.connect()
                        .get(
                                path,
                                "Connection: Upgrade, HTTP2-Settings",
                                "Upgrade: h2c",
                                "HTTP2-Settings: " + settings);
        assertThat(raw.receiveHead().status()).isEqualTo(101);
        return Http2Client.upgraded(raw).preface();
    }
}
