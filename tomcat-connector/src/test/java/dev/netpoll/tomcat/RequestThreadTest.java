// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What of its thread's state a request finds, where ours is stricter than Tomcat NIO. That one closes the
 * connection of a handler that interrupts itself, and takes any thread of its pool for the next request.
 */
@Timeout(60)
class RequestThreadTest {

    private final List<TestServer> servers = new ArrayList<>();

    @AfterEach
    void closeServers() throws Exception {
        for (TestServer server : servers) {
            server.close();
        }
    }

    private TestServer.Builder server(String carriers) {
        return TestServer.on(NetpollContractTest.NETPOLL.protocol())
                .property("carriers", carriers)
                .onStart(servers::add);
    }

    private final Queue<Boolean> interrupted = new ConcurrentLinkedQueue<>();

    private TestServer.Builder interruptingServer(String carriers) {
        return server(carriers)
                .property("maxKeepAliveRequests", -1)
                .handle(
                        "/interrupt",
                        (request, response) -> {
                            interrupted.add(Thread.currentThread().isInterrupted());
                            ServerContract.text(response, "interrupted");
                            Thread.currentThread().interrupt();
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "jdk"})
    void anInterruptThatAHandlerLeavesBehindReachesNoPipelinedRequest(String carriers)
            throws Exception {
        TestServer server = interruptingServer(carriers).start();

        RawClient client = server.connect().send(RawClient.text("GET", "/interrupt").repeat(20));

        for (int i = 0; i < 20; i++) {
            assertThat(client.receive().text()).isEqualTo("interrupted");
        }
        assertThat(interrupted).hasSize(20).containsOnly(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "jdk"})
    void anInterruptThatAHandlerLeavesBehindReachesNoLaterRequest(String carriers)
            throws Exception {
        TestServer server = interruptingServer(carriers).start();

        RawClient client = server.connect();

        for (int i = 0; i < 300; i++) {
            assertThat(client.get("/interrupt").receive().text()).isEqualTo("interrupted");
        }
        assertThat(interrupted).hasSize(300).containsOnly(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "jdk"})
    void allRequestsOfAConnectionHaveOneName(String carriers) throws Exception {
        TestServer server =
                server(carriers)
                        .handle(
                                "/",
                                (request, response) ->
                                        ServerContract.text(
                                                response, Thread.currentThread().getName()))
                        .start();
        RawClient first = server.connect();
        RawClient second = server.connect();

        String name = first.get("/").receive().text();

        assertThat(first.get("/").receive().text()).isEqualTo(name);
        assertThat(second.get("/").receive().text()).isNotEqualTo(name);
        String numbered = name.replaceAll("\\d+$", "");
        assertThat(name).isEqualTo(numbered + 1);
        assertThat(second.get("/").receive().text()).isEqualTo(numbered + 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "jdk"})
    void theThreadThatTellsOfADisconnectHasTheNumberOfItsConnection(String carriers)
            throws Exception {
        CompletableFuture<String> handler = new CompletableFuture<>();
        CompletableFuture<String> teller = new CompletableFuture<>();
        RequestContexts contexts = new RequestContexts(RequestSettings.defaults());
        TestServer server =
                server(carriers)
                        .context(
                                context ->
                                        context.getPipeline().addValve(new ContextValve(contexts)))
                        .handle(
                                "/wait",
                                (request, response) -> {
                                    CancelContext.current()
                                            .onCancelInline(
                                                    cause ->
                                                            teller.complete(
                                                                    Thread.currentThread()
                                                                            .getName()));
                                    handler.complete(Thread.currentThread().getName());
                                    awaitInterrupt();
                                })
                        .start();

        RawClient client = server.connect().get("/wait");
        Bounded.value(handler);
        client.reset();

        assertThat(Bounded.value(teller))
                .isEqualTo(Bounded.value(handler).replace("-exec-", "-disconnect-"));
    }

    private static void awaitInterrupt() {
        try {
            new CountDownLatch(1).await(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the client has left
        }
    }
}
