package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.InterruptShield;
import dev.netpoll.context.spring.RequestDeadlines;
import dev.netpoll.context.spring.Uninterrupted;
import dev.netpoll.tomcat.RequestScope;

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
final class HandlerContextInterceptor implements AsyncHandlerInterceptor {

    private static final String SHIELD = InterruptShield.class.getName();

    private final RequestDeadlines deadlines;
    private final AsyncRequestInterceptor async = new AsyncRequestInterceptor();
    private final Map<Key, Rules> rules = new ConcurrentHashMap<>();

    HandlerContextInterceptor(RequestDeadlines deadlines) {
        this.deadlines = deadlines;
    }

    private record Key(Method method, Class<?> type) {}

    private record Rules(@Nullable Duration limit, boolean uninterrupted, boolean async) {}

    /**
     * Reads a handler's annotations, now and not when its first request comes.
     *
     * @throws dev.netpoll.context.spring.InvalidRequestDeadlineException if one is wrong
     */
    void learn(HandlerMethod handler) {
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
                                read(unknown, AsyncReturns.arePossible(handler.getReturnType())));
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
            RequestScope scope = RequestScope.of(request);
            if (scope != null) {
                follow(rules(method), scope, request);
            }
        } else if (handler instanceof HandlerFunction) {
            async.register(request);
        }
        return true;
    }

    private void follow(Rules said, RequestScope scope, HttpServletRequest request) {
        if (said.limit() != null && request.getDispatcherType() != DispatcherType.ASYNC) {
            scope.tighten(said.limit());
            CancelContextBeans.forget(request);
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
