// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** How many at once: {@code maxConnections}, {@code acceptCount}, and many requests in flight. */
abstract class LimitsContract extends ServerContract {

    @Test
    void aConnectionBeyondTheLimitIsServedWhenAnotherEnds() throws Exception {
        AtomicInteger late = new AtomicInteger();
        TestServer server =
                helloServer()
                        .property("maxConnections", 3)
                        .property("maxKeepAliveRequests", -1)
                        .handle(
                                "/late",
                                (request, response) -> {
                                    late.incrementAndGet();
                                    text(response, "late");
                                })
                        .start();
        List<RawClient> first = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            first.add(server.connect());
            first.getLast().get("/hello").receive();
        }

        CompletableFuture<RawResponse> beyond = server.connect().ask("/late");
        // The server has done a lot since then, just not this.
        for (int i = 0; i < 100; i++) {
            for (RawClient client : first) {
                assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            }
        }
        assertThat(late).hasValue(0);
        assertThat(server.connectionCount()).isEqualTo(3);

        first.getFirst().close();
        assertThat(Bounded.value(beyond).text()).isEqualTo("late");
        assertThat(server.connectionCount()).isEqualTo(3);
    }

    @Test
    void theLimitHoldsThroughManyConnections() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        TestServer server =
                server().property("maxConnections", 4)
                        .handle(
                                "/in",
                                (request, response) -> {
                                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                    Thread.yield();
                                    inside.decrementAndGet();
                                    text(response, "in");
                                })
                        .start();

        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(
                    Bounded.background(
                            () -> {
                                int good = 0;
                                for (int round = 0; round < 10; round++) {
                                    good +=
                                            server.get("/in", "Connection: close").status() == 200
                                                    ? 1
                                                    : 0;
                                }
                                return good;
                            }));
        }

        for (CompletableFuture<Integer> answer : answers) {
            assertThat(Bounded.value(answer)).isEqualTo(10);
        }
        assertThat(most.get()).isBetween(1, 4);
    }

    @Test
    void theBacklogIsAsLongAsTheAcceptCount() throws Exception {
        TestServer server =
                helloServer().property("maxConnections", 1).property("acceptCount", 2).start();
        RawClient served = server.connect();
        served.get("/hello").receive();

        // Linux queues one more than listen(2) was told. Then it leaves the SYN unanswered, for
        // good.
        List<RawClient> queued = new ArrayList<>();
        List<CompletableFuture<RawResponse>> answers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            queued.add(server.connect());
            answers.add(queued.getLast().ask("/hello"));
        }
        assertThatThrownBy(() -> RawClient.tcp(server.address(), 0, 300))
                .isInstanceOf(SocketTimeoutException.class);

        served.close();
        for (int i = 0; i < queued.size(); i++) {
            assertThat(Bounded.value(answers.get(i)).text()).isEqualTo("hello");
            queued.get(i).close();
        }
    }

    @Test
    void twoHundredRequestsInFlightAreAllAnswered() throws Exception {
        int many = 200;
        CountDownLatch arrived = new CountDownLatch(many);
        TestServer server =
                server().property("maxThreads", many)
                        .handle(
                                "/gather",
                                (request, response) -> {
                                    arrived.countDown();
                                    Bounded.await(arrived);
                                    text(response, "all here");
                                })
                        .start();

        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            clients.add(server.connect().get("/gather"));
        }

        for (RawClient client : clients) {
            assertThat(client.receive().text()).isEqualTo("all here");
        }
    }

    @Test
    void connectionsThatComeAndGoAreCountedRight() throws Exception {
        TestServer server = helloServer().start();
        List<CompletableFuture<Void>> crowds = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            crowds.add(Bounded.background(() -> comeAndGo(server)));
        }
        for (CompletableFuture<Void> crowd : crowds) {
            Bounded.value(crowd);
        }

        awaitNoConnections(server);
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    /** Closes politely, rudely, before the request, within it, and before its answer. */
    private static Void comeAndGo(TestServer server) throws IOException {
        for (int round = 0; round < 20; round++) {
            server.client().close();
            server.client().reset();
            server.client().send("GET /hel").close();
            server.client().send("GET /hel").reset();
            server.client().get("/hello").close();
            server.client().get("/hello").reset();
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }
        return null;
    }
}
