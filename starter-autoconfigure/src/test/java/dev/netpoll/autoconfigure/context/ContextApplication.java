// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.spring.Detached;
import dev.netpoll.web.RequestDeadline;
import dev.netpoll.web.Uninterrupted;

import jakarta.servlet.Filter;

import org.slf4j.MDC;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** A Spring MVC application whose handlers do what the tests need. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        excludeName = {
            "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration",
            "org.springframework.boot.jetty.autoconfigure.actuate.web.server.JettyServletManagementContextAutoConfiguration"
        })
@EnableAsync
@EnableScheduling
@Import({
    ContextApplication.Handlers.class,
    ContextApplication.AsyncHandlers.class,
    ContextApplication.Functions.class,
    ContextApplication.Tasks.class,
    ContextApplication.Background.class,
    ContextApplication.CatchAll.class
})
class ContextApplication {

    static ConfigurableApplicationContext run(String... properties) {
        Stream<String> always =
                Stream.of(
                        "--server.port=0",
                        "--netpoll.overdue.grace=1h",
                        "--netpoll.deadlines.rules[0].path=/ruled/**",
                        "--netpoll.deadlines.rules[0].timeout=50ms",
                        "--netpoll.deadlines.rules[1].path=/context",
                        "--netpoll.deadlines.rules[1].method=post",
                        "--netpoll.deadlines.rules[1].timeout=1ns",
                        "--test.limit=50ms");
        return SpringApplication.run(
                ContextApplication.class,
                Stream.concat(always, Stream.of(properties)).toArray(String[]::new));
    }

    @Bean
    Probes probes() {
        return new Probes();
    }

    /** A filter of the application's that has an error of its own when the context ends. */
    @Bean
    FilterRegistrationBean<Filter> failingFilter() {
        Filter filter =
                (request, response, chain) -> {
                    chain.doFilter(request, response);
                    throw new IllegalStateException("the filter's own");
                };
        var registration = new FilterRegistrationBean<>(filter);
        registration.addUrlPatterns("/ruled/filtered");
        return registration;
    }

    /** What would answer 500 for every exception a handler throws. */
    @RestControllerAdvice
    static class CatchAll {

        @ExceptionHandler(Exception.class)
        @ResponseStatus(org.springframework.http.HttpStatus.I_AM_A_TEAPOT)
        String any(Exception e) {
            return "advice: " + e;
        }
    }

    @RestController
    static class Handlers {

        private final Probes probes;
        private final ObjectProvider<CancelContext> contexts;
        private final ObjectProvider<Deadline> deadlines;

        Handlers(
                Probes probes,
                ObjectProvider<CancelContext> contexts,
                ObjectProvider<Deadline> deadlines) {
            this.probes = probes;
            this.contexts = contexts;
            this.deadlines = deadlines;
        }

        @GetMapping("/context")
        String context(
                CancelContext context, @org.jspecify.annotations.Nullable Deadline deadline) {
            return (context == CancelContext.current())
                    + " "
                    + (context == contexts.getObject())
                    + " "
                    + deadline
                    + " "
                    + deadlines.getIfAvailable();
        }

        @GetMapping("/live")
        boolean live(CancelContext context) {
            return !context.isCancelled();
        }

        @GetMapping("/deadline")
        @RequestDeadline("1h")
        String deadline(CancelContext context, Optional<Deadline> deadline) {
            return (context == contexts.getObject())
                    + " "
                    + deadline.orElseThrow().equals(deadlines.getObject())
                    + " "
                    + deadline.orElseThrow().remaining().toMinutes();
        }

        @GetMapping({"/annotated", "/ruled/slow", "/ruled/filtered"})
        @RequestDeadline("${test.limit}")
        String annotated(CancelContext context) throws InterruptedException {
            context.sleep(Duration.ofHours(1));
            return "late";
        }

        @GetMapping("/header")
        String header(CancelContext context) throws InterruptedException {
            if (context.deadline() != null) {
                context.sleep(Duration.ofHours(1));
            }
            return "no deadline";
        }

        @GetMapping("/wrapped")
        @RequestDeadline("50ms")
        String wrapped() {
            try {
                new CountDownLatch(1).await();
                return "never";
            } catch (InterruptedException e) {
                throw new IllegalStateException("some library's wrapping", e);
            }
        }

        @GetMapping("/failing")
        String failing() {
            throw new IllegalArgumentException("an error of its own");
        }

        @Uninterrupted
        @GetMapping("/uninterrupted")
        @RequestDeadline("50ms")
        String uninterrupted(CancelContext context, @RequestParam String key) {
            while (!context.isCancelled()) {
                Thread.onSpinWait();
            }
            probes.tell(key, Thread.interrupted());
            throw new CancelledException(context.cause());
        }

        @GetMapping("/ids")
        String ids() {
            return MDC.get("connectionId") + " " + MDC.get("requestId");
        }

        @GetMapping("/wait")
        String await(CancelContext context, @RequestParam String key) {
            probes.tell(key + ".entered", true);
            try {
                probes.tell(key, context.awaitCancelled());
            } catch (InterruptedException e) {
                probes.tell(key, context.cause());
                throw new IllegalStateException(e);
            }
            return "never";
        }

        @GetMapping("/cancelled")
        String cancelled() {
            ((CancelScope) CancelContext.current()).cancel("by hand");
            return "never";
        }

        @GetMapping("/released")
        String released(@RequestParam String key) {
            probes.tell(key + ".entered", true);
            probes.await(key);
            return "in time";
        }
    }

    @RestController
    static class AsyncHandlers {

        private final Probes probes;
        private final Tasks tasks;
        private final Executor applicationTaskExecutor;

        AsyncHandlers(Probes probes, Tasks tasks, Executor applicationTaskExecutor) {
            this.probes = probes;
            this.tasks = tasks;
            this.applicationTaskExecutor = applicationTaskExecutor;
        }

        private static void hang(CancelContext context) {
            try {
                context.awaitCancelled();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Starts a task and answers at once. */
        @GetMapping("/start")
        String start(CancelContext context, @RequestParam String key) {
            tasks.attached(key);
            probes.tell(key + ".request", context);
            return "started";
        }

        /** Starts a task and waits for it. */
        @GetMapping("/start-and-wait")
        @RequestDeadline("100ms")
        String startAndWait(@RequestParam String key) throws Exception {
            tasks.attached(key);
            return tasks.detached(key + ".detached").get();
        }

        @GetMapping("/task-of-a-leaver")
        String taskOfALeaver(CancelContext context, @RequestParam String key) {
            tasks.attached(key);
            hang(context);
            return "never";
        }

        @GetMapping("/executor")
        @RequestDeadline("100ms")
        String executor(CancelContext context, @RequestParam String key) {
            applicationTaskExecutor.execute(() -> probes.tell(key, seenEnd()));
            hang(context);
            return "never";
        }

        private static String seenEnd() {
            CancelContext context = CancelContext.current();
            try {
                new CountDownLatch(1).await();
                return "never";
            } catch (InterruptedException e) {
                return "interrupted by " + context.cause().origin().kind();
            }
        }

        @GetMapping("/callable")
        @RequestDeadline("100ms")
        Callable<String> callable(CancelContext context) {
            return () -> {
                boolean same = context.deadline().equals(CancelContext.current().deadline());
                hang(CancelContext.current());
                return "never " + same;
            };
        }

        @GetMapping("/callable-quick")
        @RequestDeadline("1h")
        Callable<String> quick(CancelContext context) {
            return () ->
                    "same deadline: "
                            + context.deadline().equals(CancelContext.current().deadline());
        }

        @GetMapping("/web-async-task")
        @RequestDeadline("1h")
        WebAsyncTask<String> webAsyncTask(CancelContext context) {
            var bare = new org.springframework.core.task.SimpleAsyncTaskExecutor("bare-");
            return new WebAsyncTask<>(null, bare, quick(context));
        }

        @GetMapping("/deferred")
        @RequestDeadline("100ms")
        DeferredResult<String> deferred() {
            return new DeferredResult<>();
        }

        @GetMapping("/deferred-wait")
        DeferredResult<String> deferredWait(CancelContext context, @RequestParam String key) {
            context.onCancel(cause -> probes.tell(key, cause));
            probes.tell(key + ".entered", true);
            return new DeferredResult<>();
        }

        @GetMapping("/deferred-quick")
        DeferredResult<String> deferredQuick() {
            var result = new DeferredResult<String>();
            result.setResult("done");
            return result;
        }

        @GetMapping("/emitter")
        SseEmitter emitter(CancelContext context, @RequestParam String key) throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            probes.tell(key, context);
            emitter.send("first");
            return emitter;
        }

        /** Tells its emitter, and the order of what that is told. */
        @GetMapping("/sse")
        SseEmitter sse(@RequestParam String key) throws IOException {
            SseEmitter emitter = new SseEmitter(0L);
            List<String> told = new CopyOnWriteArrayList<>();
            emitter.onError(
                    error -> {
                        told.add("error");
                        probes.tell(key + ".error", error);
                    });
            emitter.onTimeout(() -> told.add("timeout"));
            emitter.onCompletion(
                    () -> {
                        told.add("completion");
                        probes.tell(key + ".completion", told);
                    });
            emitter.send("first");
            probes.tell(key, emitter);
            return emitter;
        }

        @GetMapping("/stream")
        StreamingResponseBody stream(
                CancelContext context,
                @RequestParam String key,
                jakarta.servlet.http.HttpServletResponse response) {
            probes.tell(key, context);
            return out -> {
                out.write("first".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                response.flushBuffer(); // Spring ignores a flush of its stream
                try {
                    hang(CancelContext.current());
                } catch (IllegalStateException interrupted) {
                    // It goes on all the same.
                }
                out.write("last".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            };
        }
    }

    static class Tasks {

        private final Probes probes;

        Tasks(Probes probes) {
            this.probes = probes;
        }

        /** Runs until it is interrupted or released, and tells which. */
        private String work(String key) {
            CancelContext context = CancelContext.current();
            probes.tell(key + ".running", context);
            try {
                while (!probes.isTold(key + ".release")) {
                    new CountDownLatch(1).await(1, java.util.concurrent.TimeUnit.MILLISECONDS);
                }
                probes.tell(key, "released, cancelled: " + context.isCancelled());
                return "released";
            } catch (InterruptedException e) {
                probes.tell(key, "interrupted by " + context.cause().origin().kind());
                throw new IllegalStateException(e);
            }
        }

        @Async
        public void attached(String key) {
            work(key);
        }

        @Async
        public CompletableFuture<String> completable(String key) {
            return CompletableFuture.completedFuture(work(key));
        }

        @Async
        public Future<String> plain(String key) {
            return CompletableFuture.completedFuture(work(key));
        }

        @Async
        @Detached
        public CompletableFuture<String> detached(String key) {
            return CompletableFuture.completedFuture(work(key));
        }
    }

    static class Background {

        private final Probes probes;

        Background(Probes probes) {
            this.probes = probes;
        }

        @Scheduled(fixedDelay = 1)
        void scheduled() {
            CancelContext context = CancelContext.current();
            probes.tell(probes.isTold("scheduled") ? "scheduled again" : "scheduled", context);
        }

        @Scheduled(fixedRate = 1)
        void rated() throws InterruptedException {
            if (probes.isTold("hang") && !probes.isTold("scheduled cause")) {
                probes.tell("scheduled cause", CancelContext.current().awaitCancelled());
            }
        }

        @Bean
        ApplicationRunner runner() {
            return _ -> probes.tell("runner", CancelContext.current());
        }
    }

    static CancelCause.Kind kind(Object cause) {
        return ((CancelCause) cause).origin().kind();
    }

    /** Handlers that are functions. */
    @Configuration(proxyBeanMethods = false)
    static class Functions {

        @Bean
        RouterFunction<ServerResponse> asynchronous() {
            return RouterFunctions.route(
                    RequestPredicates.GET("/ruled/function"),
                    _ -> ServerResponse.async(new CompletableFuture<ServerResponse>()));
        }
    }
}
