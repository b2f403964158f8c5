// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelHook;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.web.RequestContext;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

import java.util.concurrent.Callable;

/**
 * Carries contexts into asynchronous MVC requests: a callable runs under its request's context on any
 * executor, and a deferred result or emitter fails when that context ends early, so that the request is
 * answered. An emitter whose client has left is told of an error and of the completion, as after a failed
 * send.
 *
 * <p>On the handler's thread, on the callable's, and on Tomcat's when the request is over.
 */
final class AsyncRequestInterceptor
        implements CallableProcessingInterceptor, DeferredResultProcessingInterceptor {

    private static final Object KEY = AsyncRequestInterceptor.class;
    private static final String HOOK = AsyncRequestInterceptor.class.getName() + ".hook";
    private static final String BOUND = AsyncRequestInterceptor.class.getName() + ".bound";

    /** What the callable's thread has to close. */
    private record Bound(Binding binding, InterruptScope interrupts) {

        void close() {
            interrupts.close();
            binding.close();
        }
    }

    /**
     * Sees to what {@code request} may start. Only for handlers that may start something, and under a
     * constant key: as a configured interceptor it would cost every request two keys made of strings.
     */
    void register(HttpServletRequest request) {
        WebAsyncManager manager = WebAsyncUtils.getAsyncManager(request);
        manager.registerCallableInterceptor(KEY, this);
        manager.registerDeferredResultInterceptor(KEY, this);
    }

    private static @Nullable RequestContext scope(NativeWebRequest request) {
        HttpServletRequest servlet = request.getNativeRequest(HttpServletRequest.class);
        return servlet == null ? null : RequestContext.of(servlet);
    }

    // ---- callables

    @Override
    public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
        RequestContext scope = scope(request);
        if (scope != null && CancelContext.currentOrNull() == null) {
            CancelContext context = scope.context();
            request.setAttribute(
                    BOUND,
                    new Bound(context.bind(), InterruptScope.openByPolicy(context)),
                    RequestAttributes.SCOPE_REQUEST);
        }
    }

    @Override
    public <T> void postProcess(
            NativeWebRequest request, Callable<T> task, @Nullable Object concurrentResult) {
        if (request.getAttribute(BOUND, RequestAttributes.SCOPE_REQUEST) instanceof Bound bound) {
            request.removeAttribute(BOUND, RequestAttributes.SCOPE_REQUEST);
            bound.close();
        }
    }

    // ---- deferred results

    @Override
    public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
        RequestContext scope = scope(request);
        if (scope != null) {
            CancelHook hook = scope.context().onCancel(cause -> fail(scope, result, cause));
            request.setAttribute(HOOK, hook, RequestAttributes.SCOPE_REQUEST);
        }
    }

    private static void fail(RequestContext scope, DeferredResult<?> result, CancelCause cause) {
        boolean failsAsAWrite =
                cause.origin() instanceof CancelCause.ClientDisconnected && scope.failAsync(cause);
        if (!failsAsAWrite && !(cause instanceof CancelCause.Completed)) {
            result.setErrorResult(cause.toException());
        }
    }

    @Override
    public <T> void postProcess(
            NativeWebRequest request, DeferredResult<T> result, @Nullable Object concurrentResult) {
        if (request.getAttribute(HOOK, RequestAttributes.SCOPE_REQUEST) instanceof CancelHook h) {
            h.stop();
        }
    }
}
