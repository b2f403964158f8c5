// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.spring.Detached;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.TaskGroup;
import dev.netpoll.context.task.TaskPolicy;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The spans of what a request starts on other threads, and the deadline that comes with them. */
class TaskTracesTest {

    private static final int BOUND_SECONDS = 30;

    private static ConfigurableApplicationContext context;

    @BeforeAll
    static void start() {
        context =
                SpringApplication.run(
                        TasksApplication.class,
                        "--server.port=0",
                        "--management.endpoints.web.exposure.include=*",
                        "--netpoll.deadlines.default=1h");
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @BeforeEach
    void forget() {
        context.getBean(InMemorySpanExporter.class).reset();
    }

    private static SpanData span(String name) throws Exception {
        return TracedApplication.span(context, name);
    }

    private static SpanData request(String path) throws Exception {
        assertThat(Wire.get(ObservedApplication.port(context), path).status()).isEqualTo(200);
        return span("/tasks/");
    }

    @ParameterizedTest
    @CsvSource({
        "async, @Async Tasks.attached",
        "executor, task FutureTask",
        "wrapped, task TaskTracesTest$Handlers",
        "group, task TaskTracesTest$Handlers"
    })
    void aTaskIsAChildOfItsRequestWithTheSameDeadline(String kind, String name) throws Exception {
        SpanData request = request("/tasks/" + kind);
        SpanData task = span(name);
        SpanData inner = span("inner");

        assertThat(task.getTraceId()).isEqualTo(request.getTraceId());
        assertThat(task.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(task.getLinks()).isEmpty();
        assertThat(inner.getParentSpanId()).isEqualTo(task.getSpanId());
        assertThat(attribute(inner, "deadline")).isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource({
        "detached, @Async Tasks.detached",
        "wrapped-detached, task TaskTracesTest$Handlers"
    })
    void aDetachedTaskBeginsATraceWithALinkToItsRequest(String kind, String name) throws Exception {
        SpanData request = request("/tasks/" + kind);
        SpanData task = span(name);
        SpanData inner = span("inner");

        assertThat(task.getTraceId()).isNotEqualTo(request.getTraceId());
        assertThat(task.getParentSpanContext().isValid()).isFalse();
        assertThat(task.getLinks())
                .extracting(LinkData::getSpanContext)
                .singleElement()
                .satisfies(
                        linked -> {
                            assertThat(linked.getTraceId()).isEqualTo(request.getTraceId());
                            assertThat(linked.getSpanId()).isEqualTo(request.getSpanId());
                        });
        assertThat(inner.getTraceId()).isEqualTo(task.getTraceId());
        assertThat(attribute(inner, "deadline")).isEqualTo("false");
    }

    @Test
    void aTaskThatFailsHasAnErrorInItsSpan() throws Exception {
        assertThat(request("/tasks/failing").getStatus().getStatusCode())
                .isNotEqualTo(StatusCode.ERROR);

        assertThat(span("@Async Tasks.failing").getStatus().getStatusCode())
                .isEqualTo(StatusCode.ERROR);
    }

    @Test
    void aTaskThatEndsWithItsRequestSaysWhy() throws Exception {
        Tasks tasks = context.getBean(Tasks.class);
        try (Wire _ = Wire.to(ObservedApplication.port(context)).get("/tasks/hanging")) {
            assertThat(tasks.hangs().await(BOUND_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        SpanData task = span("@Async Tasks.hanging");
        assertThat(span("/tasks/").getTraceId()).isEqualTo(task.getTraceId());

        assertThat(attribute(task, "cancel.cause")).isEqualTo("client-disconnected");
        assertThat(task.getStatus().getStatusCode()).isNotEqualTo(StatusCode.ERROR);
    }

    private static String attribute(SpanData span, String key) {
        return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(key)));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    @Import({TracedApplication.class, Tasks.class, Handlers.class})
    static class TasksApplication {}

    static class Tasks {

        private final CountDownLatch hangs = new CountDownLatch(1);

        private final Tracer tracer;

        Tasks(Tracer tracer) {
            this.tracer = tracer;
        }

        /** Of the bean itself: what clients of a proxy see has no fields. */
        public CountDownLatch hangs() {
            return hangs;
        }

        @Async
        public CompletableFuture<String> attached() {
            return CompletableFuture.completedFuture(work());
        }

        @Async
        @Detached
        public CompletableFuture<String> detached() {
            return CompletableFuture.completedFuture(work());
        }

        @Async
        public CompletableFuture<String> failing() {
            throw new IllegalStateException("on purpose");
        }

        @Async
        public CompletableFuture<String> hanging() throws InterruptedException {
            hangs.countDown();
            new CountDownLatch(1).await();
            return CompletableFuture.completedFuture("never");
        }

        String work() {
            Span inner = tracer.nextSpan().name("inner").start();
            CancelContext here = CancelContext.current();
            inner.tag("deadline", String.valueOf(here.deadline() != null)).end();
            return "done";
        }
    }

    @RestController
    static class Handlers {

        private final Tasks tasks;
        private final AsyncTaskExecutor executor;

        Handlers(Tasks tasks, AsyncTaskExecutor executor) {
            this.tasks = tasks;
            this.executor = executor;
        }

        @GetMapping("/tasks/{kind}")
        String start(@PathVariable String kind) throws Exception {
            return switch (kind) {
                case "async" -> tasks.attached().get();
                case "detached" -> tasks.detached().get();
                case "failing" -> tasks.failing().handle((_, _) -> "failed").get();
                case "hanging" -> tasks.hanging().get();
                case "executor" -> executor.submit(this::work).get();
                case "wrapped" -> wrapped(TaskPolicy.FOLLOW);
                case "wrapped-detached" -> wrapped(TaskPolicy.DETACHED);
                case "group" -> grouped();
                default -> throw new IllegalStateException(kind);
            };
        }

        private String work() {
            return tasks.work();
        }

        private String wrapped(TaskPolicy policy) throws Exception {
            try (ExecutorService own =
                    ContextExecutors.wrap(Executors.newVirtualThreadPerTaskExecutor(), policy)) {
                Callable<String> work = this::work;
                return own.submit(work).get();
            }
        }

        private String grouped() throws InterruptedException {
            try (TaskGroup group = TaskGroup.open()) {
                var task = group.<String>fork(this::work);
                group.join();
                return task.result();
            }
        }
    }
}
