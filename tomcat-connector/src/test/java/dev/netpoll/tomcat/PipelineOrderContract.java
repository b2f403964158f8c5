// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicBoolean;

/** A response is out before the next request on its connection is served, whatever that one's handler does. */
abstract class PipelineOrderContract extends ServerContract {

    private static final int LARGE = 4 << 20;

    @Test
    void aResponseDoesNotWaitForTheNextHandlerThatComputes() throws Exception {
        AtomicBoolean received = new AtomicBoolean();
        TestServer server =
                helloServer()
                        .handle(
                                "/compute",
                                (request, response) -> {
                                    while (!received.get()) {
                                        Thread.onSpinWait();
                                    }
                                    text(response, "computed");
                                })
                        .start();

        RawClient client = server.connect();
        try {
            client.send(RawClient.text("GET", "/hello") + RawClient.text("GET", "/compute"));
            assertThat(client.receive().text()).isEqualTo("hello");
        } finally {
            received.set(true);
        }
        assertThat(client.receive().text()).isEqualTo("computed");
    }

    @Test
    void aLargeResponseDoesNotWaitForTheNextHandlerThatComputes() throws Exception {
        AtomicBoolean received = new AtomicBoolean();
        TestServer server =
                server().handle(
                                "/big",
                                (request, response) -> {
                                    response.setContentLength(LARGE);
                                    Payload.write(response.getOutputStream(), LARGE);
                                })
                        .handle(
                                "/compute",
                                (request, response) -> {
                                    while (!received.get()) {
                                        Thread.onSpinWait();
                                    }
                                    text(response, "computed");
                                })
                        .start();

        RawClient client = server.connectSlowReader();
        try {
            client.send(RawClient.text("GET", "/big") + RawClient.text("GET", "/compute"));
            RawResponse head = client.receiveHead();
            assertThat(Payload.digest(client.body(head))).isEqualTo(Payload.digest(LARGE));
        } finally {
            received.set(true);
        }
        assertThat(client.receive().text()).isEqualTo("computed");
    }
}
