package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelCause;
import dev.netpoll.tomcat.RequestScope;

import jakarta.servlet.ServletRequest;

import org.jspecify.annotations.Nullable;

/** Whether a request's context has ended before the request did. */
final class EarlyEnds {

    private EarlyEnds() {}

    /** What ended it early, or null. */
    static @Nullable CancelCause cause(ServletRequest request) {
        RequestScope scope = RequestScope.of(request);
        CancelCause cause = scope == null ? null : scope.leaf().cause();
        return cause instanceof CancelCause.Completed ? null : cause;
    }
}
