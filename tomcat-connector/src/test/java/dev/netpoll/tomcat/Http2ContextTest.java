// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelledException;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Each stream has a context of its own, and what ends it ends its stream alone. */
@Timeout(60)
class Http2ContextTest {

    private static final Duration LIMIT = Duration.ofMillis(50);

    /** Of a client's settings. */
    private static final int INITIAL_WINDOW_SIZE = 4;

    private final Map<String, CompletableFuture<CancelContext>> begun = new ConcurrentHashMap<>();
    private final AtomicBoolean release = new AtomicBoolean();
    private Consumer<Http2Protocol> http2 = _ -> {};
    private Duration grace = Bounded.PATIENCE;
    private TestServer server;
    private RequestContexts contexts;

    /** What the tests are run on; over TLS in a class of its own. */
    ConnectorUnderTest subject() {
        return NetpollContractTest.NETPOLL;
    }

    @AfterEach
    void stop() throws Exception {
        release.set(true);
        Bounded.until(() -> contexts.active() == 0, contexts::active);
        server.close();
    }

    /** Requests whose path ends with {@code limited} have {@link #LIMIT}. */
    private Http2Client start(Handler handler) throws Exception {
        contexts =
                new RequestContexts(
                        RequestSettings.defaults()
                                .withDeadlines(request -> isLimited(request) ? LIMIT : null)
                                .withHardGrace(grace));
        server =
                TestServer.on(subject().protocol())
                        .connector(subject()::tune)
                        .connector(
                                connector -> {
                                    Http2Protocol protocol = new Http2Protocol();
                                    http2.accept(protocol);
                                    connector.addUpgradeProtocol(protocol);
                                })
                        .clientsOver(subject().tls())
                        .handle(
                                "/*",
                                (request, response) -> {
                                    String path = request.getRequestURI();
                                    if (path.equals("/hello")) {
                                        response.getOutputStream().print("hello");
                                        return;
                                    }
                                    context(path).complete(CancelContext.current());
                                    handler.handle(request, response);
                                })
                        .context(ContextValveTest.first(contexts))
                        .start();
        return Http2Client.to(server, subject().tls());
    }

    private static boolean isLimited(HttpServletRequest request) {
        return request.getRequestURI().endsWith("limited");
    }

    private CompletableFuture<CancelContext> context(String path) {
        return begun.computeIfAbsent(path, _ -> new CompletableFuture<>());
    }

    private CancelContext entered(String path) {
        return Bounded.value(context(path));
    }

    /** Until its context ends or the test releases it. */
    private void hold() {
        try {
            while (!release.get()) {
                CancelContext.current().sleep(Duration.ofMillis(5));
            }
        } catch (CancelledException | InterruptedException e) {
            // It heeds that.
        }
    }

    /** Heeds nothing. */
    private void spin() {
        while (!release.get()) {
            Thread.onSpinWait();
        }
    }

    private static void awaitEnd(CancelContext context) {
        Bounded.until(context::isCancelled, context::toString);
    }

    private static void serves(Http2Client client, int stream) throws IOException {
        assertThat(client.get(stream, "/hello").response(stream).text()).isEqualTo("hello");
    }

    // ---- clients that leave

    @Test
    void aResetStreamCancelsItsOwnContextAndSaysSo() throws Exception {
        Http2Client client =
                start(
                        (_, response) -> {
                            hold();
                            response.getOutputStream().print("done");
                        });
        client.get(1, "/first").get(3, "/second");
        CancelContext first = entered("/first");
        CancelContext second = entered("/second");
        client.reset(1, Http2Client.CANCEL);

        awaitEnd(first);
        assertThat(first.cause())
                .isInstanceOf(CancelCause.ClientDisconnected.class)
                .extracting(CancelCause::message)
                .isEqualTo("client disconnected (RST, RST_STREAM CANCEL)");
        assertThat(second.isCancelled()).isFalse();
        release.set(true);
        assertThat(client.response(3).text()).isEqualTo("done");
        Bounded.untilEqual(1L, () -> ended(CancelCause.Kind.CLIENT_DISCONNECTED));
        serves(client, 5);
    }

    private long ended(CancelCause.Kind kind) {
        return contexts.ended().get(kind);
    }

    @Test
    void aResetThatComesBeforeItsRequestIsServedIsNotLost() throws Exception {
        http2 = protocol -> protocol.setMaxConcurrentStreamExecution(1);
        Http2Client client = start((_, _) -> hold());
        client.get(1, "/first");
        entered("/first");
        client.get(3, "/second").reset(3, Http2Client.CANCEL);
        client.frame(Http2Client.PING, 0, 0, new byte[8]);
        Http2Client.Frame pong = client.any();
        while (pong.type() != Http2Client.PING || pong.flags() != Http2Client.ACK) {
            pong = client.any();
        }
        client.reset(1, Http2Client.CANCEL);

        CancelContext second = entered("/second");
        awaitEnd(second);
        assertThat(second.cause()).isInstanceOf(CancelCause.ClientDisconnected.class);
    }

    @Test
    void aLostConnectionCancelsAllItsStreams() throws Exception {
        Http2Client client = start((_, _) -> hold());
        client.get(1, "/first").get(3, "/second");
        CancelContext first = entered("/first");
        CancelContext second = entered("/second");
        client.raw().reset();

        awaitEnd(first);
        awaitEnd(second);
        assertThat(first.cause()).isInstanceOf(CancelCause.ClientDisconnected.class);
        Bounded.untilEqual(2L, () -> ended(CancelCause.Kind.CLIENT_DISCONNECTED));
    }

    @Test
    void aClientThatGoesAwayCancelsAllItsStreamsAndIsQuoted() throws Exception {
        Http2Client client = start((_, _) -> hold());
        client.get(1, "/first").get(3, "/second");
        CancelContext first = entered("/first");
        CancelContext second = entered("/second");
        client.frame(Http2Client.GOAWAY, 0, 0, new byte[8]);

        awaitEnd(first);
        awaitEnd(second);
        assertThat(second.cause().message())
                .isEqualTo("client disconnected (RST, GOAWAY NO_ERROR)");
    }

    /** Requests begin to be asynchronous there, without a time-out, and nothing completes them. */
    private Http2Client startAsync(AsyncEvents events) throws Exception {
        return start(
                (request, _) -> {
                    AsyncContext async = request.startAsync();
                    async.setTimeout(0);
                    async.addListener(events);
                });
    }

    @Test
    void anAsynchronousRequestThatIsResetIsToldOnce() throws Exception {
        AsyncEvents events = new AsyncEvents();
        Http2Client client = startAsync(events);
        client.get(1, "/async");
        CancelContext context = entered("/async");
        client.reset(1, Http2Client.CANCEL);

        awaitEnd(context);
        Bounded.until(() -> events.seen().contains("complete"), events::seen);
        assertThat(events.seen()).containsExactly("error", "complete");
        serves(client, 3);
    }

    /** Tomcat's own connector leaves some of these without an end, and counts them as in progress. */
    @Test
    void anAsynchronousRequestThatIsResetWhileItBeginsEndsAllTheSame() throws Exception {
        AsyncEvents events = new AsyncEvents();
        Http2Client client = startAsync(events);
        int rounds = 100;
        for (int i = 0; i < rounds; i++) {
            int stream = 12 * i + 1;
            client.get(stream, "/async" + i).reset(stream, Http2Client.CANCEL);
            for (int other = stream + 2; other < stream + 12; other += 2) {
                serves(client, other); // or the resets would be an attack
            }
        }
        Bounded.until(() -> contexts.active() == 0, contexts::active);
    }

    // ---- deadlines

    @Test
    void aHandlerThatHeedsItsDeadlineAnswersProblemDetails() throws Exception {
        Http2Client client = start((_, _) -> hold());
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("content-type")).startsWith("application/problem+json");
        assertThat(response.text()).contains("deadline exceeded");
        assertThat(response.field("connection")).isNull();
        serves(client, 3);
    }

    /** Tomcat's page for the exception begins after the deadline. */
    @Test
    void aHandlerThatThrowsAtItsDeadlineIsAnsweredForAsWell() throws Exception {
        Http2Client client =
                start(
                        (_, _) -> {
                            hold();
                            throw new IOException("because of the deadline");
                        });
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        serves(client, 3);
    }

    @Test
    void aHandlerThatHeedsNothingIsAnsweredForAndItsConnectionGoesOn() throws Exception {
        grace = LIMIT;
        Http2Client client =
                start(
                        (_, response) -> {
                            spin();
                            response.getOutputStream().print("success, too late");
                            response.flushBuffer();
                        });
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        assertThat(client.next(Http2Client.RST_STREAM, 1).error()).isEqualTo(Http2Client.NO_ERROR);
        Bounded.until(() -> contexts.hardDeadlines() == 1, contexts::hardDeadlines);
        serves(client, 3);
        release.set(true);
        Bounded.until(() -> contexts.active() == 0, contexts::active);
        serves(client, 5);
    }

    @Test
    void aResponseThatHasBegunIsCutByAResetOfItsStream() throws Exception {
        grace = LIMIT;
        Http2Client client =
                start(
                        (_, response) -> {
                            response.getOutputStream().print("begun");
                            response.flushBuffer();
                            spin();
                        });
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo("begun");
        assertThat(response.reset()).isEqualTo(Http2Client.CANCEL);
        serves(client, 3);
    }

    @Test
    void aResponseThatBeginsTooLateNeverLeaves() throws Exception {
        Http2Client client =
                start(
                        (_, response) -> {
                            CancelContext context = CancelContext.current();
                            Bounded.until(context::isDeadlineExceeded, context::toString);
                            response.getOutputStream().print("success, too late");
                            response.flushBuffer();
                        });
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        serves(client, 3);
    }

    @Test
    void aBodyThatDoesNotComeIsWaitedForNoLongerThanTheDeadline() throws Exception {
        Http2Client client = start((request, _) -> request.getInputStream().readAllBytes());
        Http2Client.Response response = client.post(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        serves(client, 3);
    }

    // ---- answers in the handler's stead, and the windows

    private Http2Client startSpinning() throws Exception {
        grace = LIMIT;
        return start(
                (request, response) -> {
                    if (isLimited(request)) {
                        spin();
                    } else {
                        response.getOutputStream().write(new byte[100_000]);
                    }
                });
    }

    @Test
    void anAnswerThatTheStreamsWindowHasNoRoomForHasNoBody() throws Exception {
        Http2Client client = startSpinning();
        client.frame(Http2Client.SETTINGS, 0, 0, Http2Client.settings(INITIAL_WINDOW_SIZE, 10));
        Http2Client.Response response = client.get(1, "/limited").response(1);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.field("content-length")).isEqualTo("0");
        assertThat(response.body()).isEmpty();
        assertThat(client.next(Http2Client.RST_STREAM, 1).error()).isEqualTo(Http2Client.NO_ERROR);
    }

    @Test
    void anAnswerThatTheConnectionsWindowHasNoRoomForHasNoBody() throws Exception {
        Http2Client client = startSpinning();
        client.get(1, "/large");
        awaitData(client, 65_535);
        Http2Client.Response response = client.get(3, "/limited").response(3);

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).isEmpty();
    }

    @Test
    void theBodiesOfSuchAnswersCountInTheConnectionsWindow() throws Exception {
        Http2Client client = startSpinning();
        int first = client.get(1, "/limited").response(1).body().length;
        assertThat(first).isPositive();
        client.get(3, "/large").windowUpdate(3, 100_000);
        awaitData(client, 65_535 - first);
        client.windowUpdate(0, 7);
        assertThat(client.next(Http2Client.DATA, 3).payload()).hasSize(7);
    }

    /** Until so many bytes of DATA have come, and not one more. */
    private static void awaitData(Http2Client client, int bytes) throws IOException {
        int seen = 0;
        while (seen < bytes) {
            seen += client.next(Http2Client.DATA, -1).payload().length;
        }
        assertThat(seen).isEqualTo(bytes);
    }

    // ---- the server's

    @Test
    void aShutdownCancelsWhatIsUnderWayOnEachStream() throws Exception {
        Http2Client client = start((_, _) -> hold());
        client.get(1, "/first").get(3, "/second");
        entered("/first");
        entered("/second");
        contexts.shutDown();
        assertThat(client.response(1).status()).isEqualTo(503);
    }

    @Test
    void theTableOfConnectionsShowsProtocolAndStreams() throws Exception {
        Http2Client client = start((_, _) -> hold());
        client.get(1, "/first").get(3, "/second");
        entered("/first");
        entered("/second");
        NetpollHttp11Protocol protocol =
                (NetpollHttp11Protocol) server.connector().getProtocolHandler();
        ConnectionSnapshot row = protocol.connections(null, 10).getFirst();
        assertThat(row.protocol()).isEqualTo(subject().tls() == null ? "h2c" : "h2");
        assertThat(row.streams()).isEqualTo(2);
        assertThat(row.request()).isEqualTo("GET /first");
        assertThat(protocol.statistics().active()).isEqualTo(1);
        assertThat(protocol.cancelRequest(row.id())).isTrue();
        awaitEnd(entered("/first"));
        awaitEnd(entered("/second"));
    }

    @Test
    void theBodyOfAnotherStreamIsReadMeanwhile() throws Exception {
        var late = new CountDownLatch(1);
        Http2Client client =
                start(
                        (request, response) -> {
                            int n = request.getInputStream().readAllBytes().length;
                            response.getOutputStream().print("" + n);
                            late.countDown();
                        });
        client.post(1, "/first").post(3, "/second");
        client.data(3, new byte[500], true);
        assertThat(client.response(3).text()).isEqualTo("500");
        client.data(1, new byte[700], true);
        assertThat(client.response(1).text()).isEqualTo("700");
        Bounded.await(late);
    }
}
