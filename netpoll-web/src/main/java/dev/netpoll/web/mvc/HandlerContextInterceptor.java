// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.InterruptShield;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.Uninterrupted;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.function.HandlerFunction;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Does what a handler's annotations say about its request. Runs on the handler's thread. */
public final class HandlerContextInterceptor implements AsyncHandlerInterceptor {

    private static final String SHIELD = InterruptShield.class.getName();

    private final RequestDeadlines deadlines;
    private final AsyncRequestInterceptor async = new AsyncRequestInterceptor();
    private final Map<Key, Rules> rules = new ConcurrentHashMap<>();

    /** Goes by what {@code deadlines} reads in the handlers' annotations. */
    public HandlerContextInterceptor(RequestDeadlines deadlines) {
        this.deadlines = deadlines;
    }

    private record Key(Method method, Class<?> type) {}

    private record Rules(@Nullable Duration limit, boolean uninterrupted, boolean async) {}

    /**
     * Reads a handler's annotations, now and not when its first request comes.
     *
     * @throws dev.netpoll.web.mvc.InvalidRequestDeadlineException if one is wrong
     */
    public void learn(HandlerMethod handler) {
        var _ = rules(handler);
    }

    private Rules rules(HandlerMethod handler) {
        Key key = new Key(handler.getMethod(), handler.getBeanType());
        Rules known = rules.get(key);
        return known != null
                ? known
                : rules.computeIfAbsent(
                        key,
                        unknown ->
                                read(
                                        unknown,
                                        AsyncReturnTypes.arePossible(handler.getReturnType())));
    }

    private Rules read(Key key, boolean async) {
        return new Rules(
                deadlines.limit(key.method(), key.type()),
                AnnotatedElementUtils.hasAnnotation(key.method(), Uninterrupted.class)
                        || AnnotatedElementUtils.hasAnnotation(key.type(), Uninterrupted.class),
                async);
    }

    @Override
    public boolean preHandle(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method) {
            RequestContext scope = RequestContext.of(request);
            if (scope != null) {
                follow(rules(method), scope, request);
            }
        } else if (handler instanceof HandlerFunction) {
            async.register(request);
        }
        return true;
    }

    private void follow(Rules said, RequestContext scope, HttpServletRequest request) {
        if (said.limit() != null && request.getDispatcherType() != DispatcherType.ASYNC) {
            scope.tighten(said.limit());
            RequestBeans.forget(request);
        }
        if (said.uninterrupted()) {
            request.setAttribute(SHIELD, InterruptShield.open());
        }
        if (said.async()) {
            async.register(request);
        }
    }

    @Override
    public void afterConcurrentHandlingStarted(
            HttpServletRequest request, HttpServletResponse response, Object handler) {
        unshield(request);
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request,
            HttpServletResponse response,
            Object handler,
            @Nullable Exception ex) {
        unshield(request);
    }

    private static void unshield(HttpServletRequest request) {
        if (request.getAttribute(SHIELD) instanceof InterruptShield shield) {
            request.removeAttribute(SHIELD);
            shield.close();
        }
    }
}
