// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.MethodParameter;
import org.springframework.http.ResponseEntity;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import reactor.core.publisher.Mono;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

class AsyncReturnTypesTest {

    /** Each method's name is the case. */
    @SuppressWarnings("unused") // by reflection
    interface Returns {
        Callable<String> callable();

        WebAsyncTask<String> task();

        DeferredResult<String> deferred();

        CompletableFuture<String> completable();

        Future<String> future();

        SseEmitter emitter();

        StreamingResponseBody stream();

        ResponseEntity<StreamingResponseBody> streamInEntity();

        CompletableFuture<ResponseEntity<String>> futureEntity();

        Mono<String> mono();

        Object object();

        ResponseEntity<?> anyEntity();

        <T> T generic();

        void nothing();

        String text();

        List<String> list();

        Report report();

        ResponseEntity<Report> entity();

        ResponseEntity<List<Report>> entityOfList();
    }

    static class Report {}

    private static boolean arePossible(String name) {
        return Arrays.stream(Returns.class.getMethods())
                .filter(method -> method.getName().equals(name))
                .map(method -> new MethodParameter(method, -1))
                .map(AsyncReturnTypes::arePossible)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "callable",
                "task",
                "deferred",
                "completable",
                "future",
                "emitter",
                "stream",
                "streamInEntity",
                "futureEntity",
                "mono",
                "object",
                "anyEntity",
                "generic"
            })
    void whatMayStartSomething(String name) {
        assertThat(arePossible(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "text", "list", "report", "entity", "entityOfList"})
    void whatCannot(String name) {
        assertThat(arePossible(name)).isFalse();
    }
}
