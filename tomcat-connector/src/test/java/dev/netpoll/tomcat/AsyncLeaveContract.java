// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What an asynchronous request's listener and its writer are told of a client that leaves, without
 * contexts and with them: the writer's next send fails, then the listener is told of the error and
 * of the completion, once each. A listener of a request that nobody writes to is told nothing, for
 * only the writer knows when the response may be taken from it.
 */
abstract class AsyncLeaveContract extends ServerContract {

    private static final long LARGE = 64L << 20;

    /** How a client leaves, and whether requests have contexts. */
    enum Case {
        FIN(false, false),
        RST(true, false),
        FIN_WITH_CONTEXTS(false, true),
        RST_WITH_CONTEXTS(true, true);

        private final boolean reset;
        private final boolean contexts;

        Case(boolean reset, boolean contexts) {
            this.reset = reset;
            this.contexts = contexts;
        }

        void leave(RawClient client) throws IOException {
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
        }
    }

    private final RequestContexts requests = new RequestContexts(RequestSettings.defaults());
    private final AsyncEvents events = new AsyncEvents();
    private final BlockingQueue<AsyncContext> started = new LinkedBlockingQueue<>();

    private TestServer start(Case how, long timeoutMillis) throws Exception {
        return server().handle(
                        "/async",
                        (request, response) -> {
                            AsyncContext context = request.startAsync();
                            context.setTimeout(timeoutMillis);
                            context.addListener(events);
                            started.add(context);
                        })
                .context(
                        context -> {
                            if (how.contexts) {
                                context.getParent()
                                        .getParent()
                                        .getPipeline()
                                        .addValve(new ContextValve(requests));
                            }
                        })
                .start();
    }

    /** When the thread that began it is out of it: before that, Tomcat may never end a failed request. */
    private AsyncContext taken(TestServer server) throws InterruptedException {
        AsyncContext context = started.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(context).isNotNull();
        Bounded.until(
                () -> server.protocol().getWaitingProcessorCount() == 1,
                server.protocol()::getWaitingProcessorCount);
        return context;
    }

    private void assertEnds(TestServer server, String... expected) {
        Bounded.until(() -> events.seen().contains("complete"), events::seen);
        awaitNoConnections(server);
        assertThat(events.seen()).containsExactly(expected);
        Bounded.until(() -> requests.active() == 0, requests::active);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesBetweenSendsFailsTheSendsThatFollow(Case how) throws Exception {
        TestServer server = start(how, 0);
        RawClient client = server.connect().get("/async");
        AsyncContext context = taken(server);
        AsyncWork.flush(context, "first");
        InputStream body = client.body(client.receiveHead());
        assertThat(body.readNBytes(5)).asString().isEqualTo("first");

        how.leave(client);

        assertThat(failureOfSends(context)).isInstanceOf(IOException.class);
        assertEnds(server, "error", "complete");
        assertThat(events.error()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesDuringASendFailsIt(Case how) throws Exception {
        TestServer server = start(how, 0);
        RawClient client = server.connectSlowReader().get("/async");
        AsyncContext context = taken(server);
        HttpServletResponse response = (HttpServletResponse) context.getResponse();
        CompletableFuture<Exception> failure =
                Bounded.background(
                        () -> {
                            try {
                                Payload.write(response.getOutputStream(), LARGE);
                                return null;
                            } catch (IOException | IllegalStateException e) {
                                return e;
                            }
                        });
        client.receiveHead();
        assertThat(failure).isNotDone();

        how.leave(client);

        assertThat(Bounded.value(failure)).isInstanceOf(IOException.class);
        assertEnds(server, "error", "complete");
        assertThat(events.error()).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aLeaveThatNoSendMeetsEndsWithTheTimeout(Case how) throws Exception {
        events.on("timeout", event -> event.getAsyncContext().complete());
        TestServer server = start(how, 500);
        RawClient client = server.connect().get("/async");
        taken(server);

        how.leave(client);

        assertEnds(server, "timeout", "complete");
    }

    /** A kernel notices a client's FIN only by the RST that answers the first bytes: it takes a few. */
    private static Exception failureOfSends(AsyncContext context) {
        for (int i = 0; i < 1_000_000; i++) {
            try {
                AsyncWork.flush(context, "data: " + i + "\n\n");
            } catch (IOException | RuntimeException e) {
                return e;
            }
        }
        throw new AssertionError("the client is gone, and nobody noticed");
    }
}
