// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import io.micrometer.common.KeyValue;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.BaggageInScope;
import io.micrometer.tracing.Tracer;

import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Handlers that answer with what they see of their observation, and that take part in it in all ways. */
@RestController
class WatchedHandlers {

    private final ExecutorService others = Executors.newSingleThreadExecutor();
    private final ObservationRegistry registry;
    private final Tracer tracer;
    private final Sight sight;

    WatchedHandlers(ObservationRegistry registry, Tracer tracer, Sight sight) {
        this.registry = registry;
        this.tracer = tracer;
        this.sight = sight;
    }

    @PreDestroy
    void end() {
        others.close();
    }

    private static ServerRequestObservationContext observed(HttpServletRequest request) {
        return ServerHttpObservationFilter.findObservationContext(request).orElseThrow();
    }

    @RequestMapping("/ok")
    String ok(HttpServletRequest request) {
        return sight.of(request);
    }

    @GetMapping("/route/{id}")
    String route(HttpServletRequest request, @PathVariable String id) {
        return id + sight.of(request);
    }

    @GetMapping("/throws")
    String fails() {
        throw new IllegalStateException("not today");
    }

    @GetMapping("/throws/nameless")
    String failsWithout() {
        throw new RuntimeException() {};
    }

    @GetMapping("/refuses")
    String refuses() {
        throw new ResponseStatusException(HttpStatus.CONFLICT);
    }

    @GetMapping("/handled")
    String handled() {
        throw new UnsupportedOperationException("handled");
    }

    @ExceptionHandler(UnsupportedOperationException.class)
    ResponseEntity<String> handle(UnsupportedOperationException e) {
        return ResponseEntity.status(HttpStatus.I_AM_A_TEAPOT).body(e.getMessage());
    }

    @GetMapping("/status/{code}")
    ResponseEntity<String> status(@PathVariable int code) {
        return ResponseEntity.status(code).body("so");
    }

    @GetMapping("/callable")
    Callable<String> callable(HttpServletRequest request) {
        return () -> sight.of(request);
    }

    @GetMapping("/callable/throws")
    Callable<String> callableFails() {
        return () -> {
            throw new IllegalArgumentException("later");
        };
    }

    @GetMapping("/deferred")
    DeferredResult<String> deferred() {
        var result = new DeferredResult<String>();
        others.execute(() -> result.setResult("later"));
        return result;
    }

    @GetMapping("/deferred/late")
    DeferredResult<String> deferredTooLate() {
        return new DeferredResult<>(1L, "timed out");
    }

    @GetMapping("/future")
    CompletableFuture<String> future() {
        Callable<String> seen =
                ContextSnapshotFactory.builder().build().captureAll().wrap(sight::ofChild);
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return seen.call() + sight.ofNothing();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                others);
    }

    @GetMapping("/sse")
    SseEmitter events() {
        var emitter = new SseEmitter();
        others.execute(
                () -> {
                    try {
                        emitter.send("one");
                        emitter.send("two");
                        emitter.complete();
                    } catch (IOException e) {
                        emitter.completeWithError(e);
                    }
                });
        return emitter;
    }

    @GetMapping("/reads")
    String reads(HttpServletRequest request) {
        ServerRequestObservationContext context = observed(request);
        return context.getLowCardinalityKeyValues().stream().toList()
                + " "
                + context.getHighCardinalityKeyValue("http.url")
                + " "
                + context.getContextualName();
    }

    @GetMapping("/adds")
    String adds(HttpServletRequest request) {
        observed(request).addLowCardinalityKeyValue(KeyValue.of("tenant", "one"));
        observed(request).addHighCardinalityKeyValue(KeyValue.of("user", "me"));
        return "added";
    }

    @GetMapping("/overrides")
    String overrides(HttpServletRequest request) {
        ServerRequestObservationContext context = observed(request);
        context.addLowCardinalityKeyValue(KeyValue.of("method", "MINE"));
        String mine = String.valueOf(context.getLowCardinalityKeyValue("method"));
        context.removeLowCardinalityKeyValue("outcome");
        context.setContextualName("mine");
        return mine + context.getLowCardinalityKeyValues().stream().toList();
    }

    @GetMapping("/error")
    String error(HttpServletRequest request) {
        observed(request).setError(new IOException("told"));
        return "told";
    }

    @GetMapping("/named/{id}")
    String named(HttpServletRequest request) {
        observed(request).setPathPattern("/of/my/own");
        return "named";
    }

    @GetMapping("/event")
    String event() {
        Observation current = registry.getCurrentObservation();
        if (current != null) {
            current.event(Observation.Event.of("happened", "it happened"));
        }
        return "happened";
    }

    @GetMapping("/child")
    String child() {
        return sight.ofChild() + sight.ofChild();
    }

    @GetMapping("/spans")
    String spans() {
        var span = tracer.nextSpan().name("by hand").start();
        try (Tracer.SpanInScope _ = tracer.withSpan(span)) {
            return sight.ofChild();
        } finally {
            span.end();
        }
    }

    @GetMapping("/baggage")
    String baggage() {
        try (BaggageInScope _ = tracer.createBaggageInScope("color", "blue")) {
            return tracer.getAllBaggage() + sight.ofChild();
        }
    }

    @GetMapping("/thread")
    String thread() throws Exception {
        Callable<String> seen =
                ContextSnapshotFactory.builder().build().captureAll().wrap(sight::ofChild);
        return others.submit(seen).get() + others.submit(sight::ofNothing).get();
    }

    @GetMapping("/nothing")
    String nothing() {
        Observation current = registry.getCurrentObservation();
        try (Observation.Scope _ = current == null ? Observation.Scope.NOOP : current.openScope()) {
            return sight.ofChild();
        }
    }
}
