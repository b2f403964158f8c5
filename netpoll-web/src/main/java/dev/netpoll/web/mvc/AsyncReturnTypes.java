// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpEntity;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Tells by a handler method's return type whether what it returns may begin asynchronous processing. */
final class AsyncReturnTypes {

    private static final List<Class<?>> TYPES =
            List.of(
                    Callable.class,
                    WebAsyncTask.class,
                    DeferredResult.class,
                    CompletionStage.class,
                    CompletableFuture.class,
                    ResponseBodyEmitter.class,
                    StreamingResponseBody.class);

    private AsyncReturnTypes() {}

    /** False only where the declared type leaves no such value: what is returned may be a subtype. */
    static boolean arePossible(MethodParameter returned) {
        return arePossible(ResolvableType.forMethodParameter(returned));
    }

    private static boolean arePossible(ResolvableType type) {
        Class<?> declared = type.resolve(Object.class);
        if (HttpEntity.class.isAssignableFrom(declared)) {
            return arePossible(type.as(HttpEntity.class).getGeneric());
        }
        return TYPES.stream()
                        .anyMatch(
                                async ->
                                        async.isAssignableFrom(declared)
                                                || declared.isAssignableFrom(async))
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(declared) != null;
    }
}
