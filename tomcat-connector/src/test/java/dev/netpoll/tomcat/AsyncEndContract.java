package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;

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

    private static boolean onPurpose(LogRecord record) {
        return record.getThrown() != null && "on purpose".equals(record.getThrown().getMessage());
    }
}
