// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;

import org.junit.jupiter.api.Test;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Requests that outlive their handler: {@code startAsync}, and everything that can end it. */
abstract class AsyncContract extends ServerContract {

    @Test
    void anotherThreadMayAnswerAndComplete() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) ->
                                        AsyncWork.later(
                                                request,
                                                context -> {
                                                    AsyncWork.write(
                                                            context,
                                                            "from " + request.getParameter("i"));
                                                    context.complete();
                                                }))
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 50; i++) {
            assertThat(client.get("/async?i=" + i).receive().text()).isEqualTo("from " + i);
        }
    }

    @Test
    void completeMayComeAtAnyMoment() throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                server().property("maxKeepAliveRequests", -1)
                        .handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    text(response, "done");
                                    started.add(context);
                                })
                        .start();
        int rounds = 500;
        // Completes as soon as it learns of it: before, while and after the handler returns.
        CompletableFuture<Void> completing =
                Bounded.background(
                        () -> {
                            for (int i = 0; i < rounds; i++) {
                                started.take().complete();
                            }
                            return null;
                        });

        RawClient client = server.connect();
        for (int i = 0; i < rounds; i++) {
            assertThat(client.get("/async").receive().text()).isEqualTo("done");
        }
        Bounded.value(completing);
    }

    @Test
    void theHandlerItselfMayComplete() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    text(response, "at once");
                                    context.complete();
                                })
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 50; i++) {
            assertThat(client.get("/async").receive().text()).isEqualTo("at once");
        }
    }

    @Test
    void anotherThreadMayDispatch() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) ->
                                        AsyncWork.later(
                                                request,
                                                context -> {
                                                    request.setAttribute("from", "a dispatch");
                                                    context.dispatch("/target");
                                                }))
                        .handle(
                                "/target",
                                (request, response) ->
                                        text(
                                                response,
                                                request.getDispatcherType()
                                                        + " by "
                                                        + request.getAttribute("from")))
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 50; i++) {
            assertThat(client.get("/async").receive().text()).isEqualTo("ASYNC by a dispatch");
        }
    }

    @Test
    void dispatchesMayFollowOneAnother() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    Integer seen = (Integer) request.getAttribute("seen");
                                    int count = seen == null ? 0 : seen;
                                    request.setAttribute("seen", count + 1);
                                    if (count == 10) {
                                        text(response, "dispatched " + count);
                                    } else {
                                        AsyncWork.later(request, AsyncContext::dispatch);
                                    }
                                })
                        .start();

        assertThat(server.get("/async").text()).isEqualTo("dispatched 10");
    }

    @Test
    void theContainerMayRunTheWork() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.start(
                                            () -> {
                                                AsyncWork.write(context, "by the container");
                                                context.complete();
                                            });
                                })
                        .start();
        RawClient client = server.connect();

        for (int i = 0; i < 50; i++) {
            assertThat(client.get("/async").receive().text()).isEqualTo("by the container");
        }
    }

    @Test
    void pipelinedRequestsWaitForTheAsyncOneBeforeThem() throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                helloServer()
                        .handle("/async", (request, response) -> started.add(request.startAsync()))
                        .start();

        RawClient client =
                server.connect()
                        .send(
                                RawClient.text("GET", "/async")
                                        + RawClient.text("GET", "/hello")
                                        + RawClient.text("GET", "/async")
                                        + RawClient.text("GET", "/hello"));
        for (int i = 0; i < 2; i++) {
            AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(client.in().available()).isZero();
            AsyncWork.write(context, "async");
            context.complete();
            assertThat(client.receive().text()).isEqualTo("async");
            assertThat(client.receive().text()).isEqualTo("hello");
        }
    }

    @Test
    void eventsOfAnAsyncStreamArriveOneByOne() throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                server().handle(
                                "/events",
                                (request, response) -> {
                                    response.setContentType("text/event-stream");
                                    started.add(request.startAsync());
                                })
                        .start();

        RawClient client = server.connect().get("/events");
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        AsyncWork.flush(context, "data: start\n\n");
        InputStream body = client.body(client.receiveHead());
        assertThat(body.readNBytes(13))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("data: start\n\n");
        for (int i = 10; i < 60; i++) {
            AsyncWork.flush(context, "data: " + i + "\n\n");
            assertThat(body.readNBytes(10))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo("data: " + i + "\n\n");
        }
        context.complete();

        assertThat(body.read()).isEqualTo(-1);
    }

    @Test
    void anAsyncThreadMayReadTheBody() throws Exception {
        int size = 4 << 20;
        TestServer server =
                server().handle(
                                "/read",
                                (request, response) ->
                                        AsyncWork.later(
                                                request,
                                                context -> {
                                                    AsyncWork.write(
                                                            context, AsyncWork.digest(request));
                                                    context.complete();
                                                }))
                        .start();

        RawClient client = server.connect().request("POST", "/read", "Content-Length: " + size);
        Payload.write(client.out(), size);

        assertThat(client.receive().text()).isEqualTo(Payload.digest(size).toString());
    }

    @Test
    void manyAsyncRequestsHoldNoThreadEach() throws Exception {
        int many = 100;
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                server().property("maxThreads", 10)
                        .handle("/async", (request, response) -> started.add(request.startAsync()))
                        .start();

        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            clients.add(server.connect().get("/async"));
        }
        Bounded.until(() -> started.size() == many, started::size);
        for (AsyncContext context : started) {
            AsyncWork.write(context, "served");
            context.complete();
        }

        for (RawClient client : clients) {
            assertThat(client.receive().text()).isEqualTo("served");
        }
    }

    @Test
    void connectionCloseIsHonouredAfterAnAsyncAnswer() throws Exception {
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) ->
                                        AsyncWork.later(
                                                request,
                                                context -> {
                                                    AsyncWork.write(context, "bye");
                                                    context.complete();
                                                }))
                        .start();

        RawClient client = server.connect().get("/async", "Connection: close");

        assertThat(client.receive().text()).isEqualTo("bye");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
    }
}
