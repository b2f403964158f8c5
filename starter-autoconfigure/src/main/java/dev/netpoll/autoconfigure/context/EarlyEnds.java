package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelCause;
import dev.netpoll.tomcat.RequestScope;

import jakarta.servlet.ServletRequest;

import org.jspecify.annotations.Nullable;

/** Whether a request's context has ended before the request did. */
final class EarlyEnds {

    private EarlyEnds() {}

    /** The request's handler has failed because its context ended: it has no result. */
    static void giveUp(ServletRequest request) {
        RequestScope scope = RequestScope.of(request);
        if (scope != null) {
            scope.giveUp();
        }
    }

    /**
     * What ended it early and decides its answer, or null: a handler whose client has only stopped
     * sending answers for itself.
     */
    static @Nullable CancelCause answeringCause(ServletRequest request) {
        RequestScope scope = RequestScope.of(request);
        CancelCause cause = cause(request);
        boolean answersItself =
                scope != null
                        && !scope.isGivenUp()
                        && cause != null
                        && cause.origin() instanceof CancelCause.ClientDisconnected left
                        && left.how() == CancelCause.ClientDisconnected.How.FIN;
        return answersItself ? null : cause;
    }

    /** What ended it early, or null. */
    static @Nullable CancelCause cause(ServletRequest request) {
        RequestScope scope = RequestScope.of(request);
        CancelCause cause = scope == null ? null : scope.leaf().cause();
        return cause instanceof CancelCause.Completed ? null : cause;
    }
}
