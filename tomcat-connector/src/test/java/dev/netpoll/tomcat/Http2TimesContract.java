// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What takes too long over HTTP/2, and how it ends. */
abstract class Http2TimesContract extends Http2ServerContract {

    /** Until the server has closed the connection; other frames are dropped. */
    private static void awaitEnd(Http2Client client) throws IOException {
        try {
            while (true) {
                client.any();
            }
        } catch (EOFException | SocketException | javax.net.ssl.SSLException e) {
            // It has.
        }
    }

    @Test
    void aFrameThatStopsInTheMiddleEndsItsConnection() throws Exception {
        TestServer server = http2Server(http2 -> http2.setReadTimeout(200)).start();
        Http2Client client = connect(server).get(1, "/hello");
        assertThat(client.response(1).text()).isEqualTo("hello");
        byte[] frame = Http2Client.bytes(Http2Client.PING, 0, 0, new byte[8]);
        client.send(Arrays.copyOf(frame, 12));
        awaitEnd(client);
    }

    @Test
    void aPrefaceThatDoesNotComeEndsItsConnection() throws Exception {
        TestServer server =
                http2Server(http2 -> http2.setReadTimeout(200))
                        .property("connectionTimeout", 200)
                        .start();
        awaitEnd(unprefaced(server));
    }

    @Test
    void aBodyThatDoesNotComeEndsItsStreamAlone() throws Exception {
        TestServer server =
                http2Server(http2 -> http2.setStreamReadTimeout(100))
                        .handle("/body", (request, _) -> request.getInputStream().readAllBytes())
                        .start();
        Http2Client client = connect(server).post(1, "/body");
        Http2Client.Response response = client.response(1);
        assertThat(response.status()).isEqualTo(400);
        assertThat(client.get(3, "/hello").response(3).text()).isEqualTo("hello");
    }

    /** A connection with requests under way has no time: its handlers have. */
    @Test
    void aHandlerMayTakeLongerThanAnIdleConnectionLives() throws Exception {
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        TestServer server =
                http2Server(
                                http2 -> {
                                    http2.setKeepAliveTimeout(100);
                                    http2.setReadTimeout(100);
                                })
                        .handle(
                                "/held",
                                (_, response) -> {
                                    entered.countDown();
                                    Bounded.await(release);
                                    text(response, "held");
                                })
                        .start();
        Http2Client client = connect(server).get(1, "/held");
        Bounded.await(entered);
        try (Http2Client idle = connect(server)) {
            assertThat(idle.awaitGoAway()).isEqualTo(Http2Client.NO_ERROR); // its time is over
        }
        release.countDown();
        assertThat(client.response(1).text()).isEqualTo("held");
        assertThat(client.awaitGoAway()).isEqualTo(Http2Client.NO_ERROR);
    }

    @Test
    void aConnectionsWindowThatDoesNotOpenEndsTheWaitersStream() throws Exception {
        TestServer server =
                http2Server(http2 -> http2.setWriteTimeout(200))
                        .handle(
                                "/large",
                                (_, response) ->
                                        response.getOutputStream().write(new byte[100_000]))
                        .start();
        Http2Client client = connect(server).get(1, "/large").windowUpdate(1, 100_000);
        int seen = 0;
        while (seen < 65_535) {
            seen += client.next(Http2Client.DATA, 1).payload().length;
        }
        assertThat(seen).isEqualTo(65_535);
        awaitEnd(client); // Tomcat takes it for an attack
    }

    @Test
    void aPingOfTheServersMayBeSwitchedOff() throws Exception {
        TestServer server = http2Server(http2 -> http2.setInitiatePingDisabled(true)).start();
        Http2Client client = connect(server).get(1, "/hello");
        boolean ended = false;
        while (!ended) {
            Http2Client.Frame frame = client.any();
            assertThat(frame.type()).isNotEqualTo(Http2Client.PING);
            ended = frame.isEnd();
        }
    }

    /** Tomcat serves as many streams at once as it is told to; the others wait for their turn. */
    @Test
    void aStreamThatWaitsForItsTurnBeginsNoMoreOnceTheServerHasStopped() throws Exception {
        var entered = new CountDownLatch(2);
        var begun = new AtomicInteger();
        TestServer server =
                http2Server(http2 -> http2.setMaxConcurrentStreamExecution(2))
                        .handle(
                                "/held",
                                (_, _) -> {
                                    begun.incrementAndGet();
                                    entered.countDown();
                                    untilInterrupted();
                                })
                        .start();
        Http2Client client = connect(server);
        for (int stream = 1; stream <= 9; stream += 2) {
            client.get(stream, "/held");
        }
        Bounded.await(entered);

        server.stop();

        awaitEnd(client);
        assertThat(begun).hasValue(2);
    }

    private static void untilInterrupted() {
        try {
            new CountDownLatch(1).await(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }
}
