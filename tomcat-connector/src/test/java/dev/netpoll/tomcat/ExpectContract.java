// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.concurrent.CountDownLatch;

/** {@code Expect: 100-continue}: a client that asks before it sends its body. */
abstract class ExpectContract extends ServerContract {

    @ParameterizedTest
    @ValueSource(strings = {"immediately", "onRead"})
    void theClientIsToldToGoOn(String timing) throws Exception {
        TestServer server =
                server().property("continueResponseTiming", timing)
                        .handle("/digest", ServerContract::answerDigest)
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 3; i++) {
            client.request("POST", "/digest", "Content-Length: 100000", "Expect: 100-continue");
            assertThat(client.receiveHead().statusLine()).isEqualTo("HTTP/1.1 100 ");
            client.send(Payload.bytes(100_000));
            assertThat(client.receive().text()).isEqualTo(Payload.digest(100_000).toString());
        }
    }

    @Test
    void onlyAReadBringsTheGoAheadWhenItIsTimedOnRead() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch mayRead = new CountDownLatch(1);
        TestServer server =
                server().property("continueResponseTiming", "onRead")
                        .handle(
                                "/late",
                                (request, response) -> {
                                    running.countDown();
                                    Bounded.await(mayRead);
                                    answerDigest(request, response);
                                })
                        .start();

        RawClient client =
                server.connect()
                        .request("POST", "/late", "Content-Length: 5", "Expect: 100-continue");
        Bounded.await(running);
        assertThat(client.in().available()).isZero();
        mayRead.countDown();

        assertThat(client.receiveHead().status()).isEqualTo(100);
        client.send(Payload.bytes(5));
        assertThat(client.receive().text()).isEqualTo(Payload.digest(5).toString());
    }

    @Test
    void aRefusalComesInsteadOfTheGoAheadAndEndsTheConnection() throws Exception {
        TestServer server =
                server().property("continueResponseTiming", "onRead")
                        .handle(
                                "/no",
                                (request, response) -> {
                                    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
                                    text(response, "no");
                                })
                        .start();

        RawClient client =
                server.connect()
                        .request("POST", "/no", "Content-Length: 1000000", "Expect: 100-continue");
        RawResponse response = client.receive();

        assertThat(response.status()).isEqualTo(403);
        assertThat(response.text()).isEqualTo("no");
        assertThat(response.header("Connection")).isEqualTo("close");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }

    @Test
    void anUnknownExpectationIsRefused() throws Exception {
        TestServer server =
                server().handle("/any", (request, response) -> text(response, "reached")).start();

        RawClient client =
                server.connect().request("POST", "/any", "Content-Length: 5", "Expect: a-miracle");

        assertThat(client.receive().statusLine()).isEqualTo("HTTP/1.1 417 ");
    }

    @Test
    void aClientThatDoesNotWaitIsServedAsWell() throws Exception {
        TestServer server = server().handle("/digest", ServerContract::answerDigest).start();

        RawClient client =
                server.connect()
                        .send(
                                RawClient.text(
                                                "POST",
                                                "/digest",
                                                "Content-Length: 5",
                                                "Expect: 100-continue")
                                        + "12345");

        RawResponse first = client.receiveHead();
        RawResponse last = first.status() == 100 ? client.receive() : first;
        assertThat(last.status()).isEqualTo(200);
        assertThat(client.request("POST", "/digest", "Content-Length: 0").receive().status())
                .isEqualTo(200);
    }
}
