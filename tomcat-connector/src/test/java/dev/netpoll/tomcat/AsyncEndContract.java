// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.core.StandardContext;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.LogRecord;

/** How async requests end that nobody answers in time, or at all: timeouts and errors. */
abstract class AsyncEndContract extends ServerContract {

    @Test
    void aTimeoutNobodyHandlesIsA500() throws Exception {
        TestServer server =
                server().handle(
                                "/slow",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(100);
                                })
                        .start();

        assertThat(server.get("/slow").status()).isEqualTo(500);
    }

    @Test
    void aTimeoutsListenerMayAnswer() throws Exception {
        AsyncEvents events = new AsyncEvents();
        TestServer server =
                helloServer()
                        .handle(
                                "/slow",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(100);
                                    context.addListener(
                                            events.on(
                                                    "timeout",
                                                    event -> {
                                                        ((HttpServletResponse)
                                                                        event.getSuppliedResponse())
                                                                .setStatus(503);
                                                        AsyncWork.write(
                                                                event.getAsyncContext(),
                                                                "too slow");
                                                        event.getAsyncContext().complete();
                                                    }),
                                            request,
                                            response);
                                })
                        .start();
        RawClient client = server.connect().get("/slow");

        RawResponse response = client.receive();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.text()).isEqualTo("too slow");
        Bounded.until(() -> events.seen().contains("complete"), () -> events.seen());
        assertThat(events.seen()).containsExactly("timeout", "complete");
    }

    @Test
    void aTimeoutsListenerMayDispatch() throws Exception {
        AsyncEvents events = new AsyncEvents();
        TestServer server =
                helloServer()
                        .handle(
                                "/slow",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(100);
                                    context.addListener(
                                            events.on(
                                                    "timeout",
                                                    event ->
                                                            event.getAsyncContext()
                                                                    .dispatch("/hello")));
                                })
                        .start();

        assertThat(server.get("/slow").text()).isEqualTo("hello");
    }

    @Test
    void withoutATimeoutOnlyCompleteEndsIt() throws Exception {
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        TestServer server =
                server().property("connectionTimeout", 600)
                        .property("keepAliveTimeout", 600)
                        .handle(
                                "/never",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(0);
                                    started.add(context);
                                })
                        .start();

        RawClient client = server.connect().get("/never");
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        for (int i = 0; i < 2; i++) {
            server.connect().awaitEnd();
        }

        // Connections that said nothing have been timed out meanwhile, this one has not.
        AsyncWork.write(context, "after all");
        context.complete();
        assertThat(client.receive().text()).isEqualTo("after all");
    }

    @Test
    void anErrorAfterADispatchReachesListenerAndClient() throws Exception {
        log().expect(AsyncEndContract::onPurpose);
        AsyncEvents events = new AsyncEvents();
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.addListener(events);
                                    Bounded.background(
                                            () -> {
                                                context.dispatch("/broken");
                                                return null;
                                            });
                                })
                        .handle(
                                "/broken",
                                (request, response) -> {
                                    throw new IllegalStateException("on purpose");
                                })
                        .start();

        assertThat(server.get("/async").status()).isEqualTo(500);
        Bounded.until(() -> events.seen().contains("complete"), () -> events.seen());
        assertThat(events.seen()).containsExactly("error", "complete");
    }

    @Test
    void anErrorOfTheHandlerEndsItsAsyncRequest() throws Exception {
        log().expect(AsyncEndContract::onPurpose);
        AsyncEvents events = new AsyncEvents();
        TestServer server =
                server().handle(
                                "/broken",
                                (request, response) -> {
                                    request.startAsync()
                                            .addListener(
                                                    events.on(
                                                            "error",
                                                            event ->
                                                                    event.getAsyncContext()
                                                                            .complete()));
                                    throw new IllegalStateException("on purpose");
                                })
                        .start();

        assertThat(server.get("/broken").status()).isEqualTo(500);
        Bounded.until(() -> events.seen().contains("complete"), () -> events.seen());
        assertThat(events.seen()).containsExactly("error", "complete");
    }

    /** The listener is told, and nothing counts as in progress: a graceful shutdown would wait for it. */
    @Test
    void anAsyncRequestWhoseClientHasResetCompletes() throws Exception {
        AsyncEvents events = new AsyncEvents();
        BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();
        StandardContext[] application = new StandardContext[1];
        TestServer server =
                server().handle(
                                "/async",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.addListener(events);
                                    started.add(context);
                                })
                        .context(context -> application[0] = (StandardContext) context)
                        .start();
        RawClient client = server.connect().get("/async");
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);

        client.reset();
        context.start(() -> writeAndComplete(context));

        Bounded.until(() -> events.seen().contains("complete"), () -> events.seen());
        Bounded.until(
                () -> application[0].getInProgressAsyncCount() == 0,
                () -> application[0].getInProgressAsyncCount() + " in progress");
    }

    /** The whole body, which the connector may keep until it is flushed, or fail to send. */
    private static void writeAndComplete(AsyncContext context) {
        byte[] body = new byte[100];
        try {
            context.getResponse().setContentLength(body.length);
            context.getResponse().getOutputStream().write(body);
            context.complete();
        } catch (IOException | IllegalStateException theClientIsGone) {
            // then the container completes it
        }
    }

    private static boolean onPurpose(LogRecord record) {
        return record.getThrown() != null && "on purpose".equals(record.getThrown().getMessage());
    }
}
