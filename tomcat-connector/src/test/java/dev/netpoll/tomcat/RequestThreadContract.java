// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.valves.AbstractAccessLogValve;
import org.junit.jupiter.api.Test;

import java.io.CharArrayWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** The names of the threads that run an application's code: logs and thread dumps are read by them. */
abstract class RequestThreadContract extends ServerContract {

    /**
     * Of the connector, then a number: {@code http-nio-8080-exec-1} with a port of one's own, {@code
     * https-jsse-nio-8443-exec-1} over TLS.
     */
    private static final String NAME = "-[a-z]+-127\\.0\\.0\\.1-auto-\\d+-exec-\\d+";

    private final Map<String, CompletableFuture<String>> named = new ConcurrentHashMap<>();

    private void tellName(String what) {
        name(what).complete(Thread.currentThread().getName());
    }

    private CompletableFuture<String> name(String what) {
        return named.computeIfAbsent(what, _ -> new CompletableFuture<>());
    }

    private void assertNamed(String... what) {
        for (String each : what) {
            assertThat(Bounded.value(name(each))).as(each).matches(subject().threads() + NAME);
        }
    }

    @Test
    void aHandlersThreadIsNamedAfterItsConnector() throws Exception {
        TestServer server =
                server().handle("/", (request, response) -> tellName("handler")).start();
        server.get("/");
        assertNamed("handler");
    }

    @Test
    void theAccessLogHasTheNameOfTheHandlersThread() throws Exception {
        CompletableFuture<String> line = new CompletableFuture<>();
        AbstractAccessLogValve log =
                new AbstractAccessLogValve() {
                    @Override
                    protected void log(CharArrayWriter message) {
                        line.complete(message.toString());
                    }
                };
        log.setPattern("%m %I %s");
        TestServer server =
                server().context(context -> context.getPipeline().addValve(log))
                        .handle("/", (request, response) -> tellName("handler"))
                        .start();
        server.get("/");
        assertThat(Bounded.value(line)).isEqualTo("GET " + Bounded.value(name("handler")) + " 200");
    }

    @Test
    void handlersThatRunAtOnceHaveDifferentNames() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        TestServer server =
                server().handle(
                                "/",
                                (request, response) -> {
                                    both.countDown();
                                    Bounded.await(both);
                                    text(response, Thread.currentThread().getName());
                                })
                        .start();
        RawClient first = server.connect().get("/");
        RawClient second = server.connect().get("/");
        assertThat(List.of(first.receive().text(), second.receive().text()))
                .doesNotHaveDuplicates();
    }

    @Test
    void whatAnAsynchronousRequestRunsIsNamed() throws Exception {
        TestServer server =
                server().handle("/", (request, response) -> startAndDispatch(request))
                        .handle("/next", (request, response) -> tellName("dispatched"))
                        .start();
        server.get("/");
        assertNamed("started", "dispatched", "completed");
    }

    private void startAndDispatch(HttpServletRequest request) {
        AsyncContext context = request.startAsync();
        context.addListener(new NamedEnd());
        context.start(
                () -> {
                    tellName("started");
                    context.dispatch("/next");
                });
    }

    @Test
    void theThreadThatTellsOfAnAsynchronousTimeOutIsNamed() throws Exception {
        TestServer server =
                server().handle(
                                "/",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    context.setTimeout(1);
                                    context.addListener(new NamedEnd());
                                })
                        .start();
        server.get("/");
        assertNamed("timed out", "completed");
    }

    @Test
    void theThreadsOfReadAndWriteListenersAreNamed() throws Exception {
        TestServer server =
                server().handle(
                                "/",
                                (request, response) -> {
                                    AsyncContext context = request.startAsync();
                                    ServletInputStream in = request.getInputStream();
                                    in.setReadListener(new NamedReader(in, context));
                                })
                        .start();
        RawClient client = server.connect().request("POST", "/", "Content-Length: 2").send("1");
        Bounded.value(name("first byte"));
        client.send("2");
        client.receive();
        assertNamed("first byte", "all read", "writable");
    }

    private final class NamedReader implements ReadListener {

        private final ServletInputStream in;
        private final AsyncContext context;

        NamedReader(ServletInputStream in, AsyncContext context) {
            this.in = in;
            this.context = context;
        }

        @Override
        public void onDataAvailable() throws IOException {
            tellName("first byte");
            while (in.isReady() && in.read() >= 0) {
                // Only who is called counts here.
            }
        }

        @Override
        public void onAllDataRead() throws IOException {
            tellName("all read");
            context.getResponse().getOutputStream().setWriteListener(new NamedWriter(context));
        }

        @Override
        public void onError(Throwable failure) {
            name("all read").completeExceptionally(failure);
        }
    }

    private final class NamedWriter implements WriteListener {

        private final AsyncContext context;

        NamedWriter(AsyncContext context) {
            this.context = context;
        }

        @Override
        public void onWritePossible() {
            tellName("writable");
            context.complete();
        }

        @Override
        public void onError(Throwable failure) {
            name("writable").completeExceptionally(failure);
        }
    }

    private final class NamedEnd implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            tellName("completed");
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            tellName("timed out");
            event.getAsyncContext().complete();
        }

        @Override
        public void onError(AsyncEvent event) {
            name("completed").completeExceptionally(event.getThrowable());
        }

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
