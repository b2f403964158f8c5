// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;

import jakarta.servlet.ServletRequest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * An HTTP request's cancellation context and what the connector knows about the request: made before the
 * first filter runs, ended when the response is out. Connectors implement it and set it as the request's
 * attribute {@link #ATTRIBUTE}.
 *
 * <p>Runs on the handler's thread, except for the methods that say otherwise.
 */
public interface RequestContext {

    /** The name of the request attribute that holds it. */
    String ATTRIBUTE = RequestContext.class.getName();

    /** Returns the context of {@code request}, or null when its server gives requests none. */
    static @Nullable RequestContext of(ServletRequest request) {
        return (RequestContext) request.getAttribute(ATTRIBUTE);
    }

    /** Returns what ended the context of {@code request} early; null when nothing has, or it has none. */
    static @Nullable CancelCause earlyEnd(ServletRequest request) {
        RequestContext context = of(request);
        return context == null ? null : context.earlyEnd();
    }

    /**
     * Whether the server answers for a handler whose context has ended by {@code cause}: not when the request
     * has completed, nor when its client has left, which may still read what the handler returns.
     */
    static boolean isAnsweredByTheServer(CancelCause cause) {
        return !(cause instanceof CancelCause.Completed
                || cause.origin() instanceof CancelCause.ClientDisconnected);
    }

    /** Returns the cancellation context with the earliest deadline. From any thread. */
    CancelContext context();

    /** Returns method and path, for logs and reports. From any thread. */
    String label();

    /** Shortens the request's deadline to {@code limit} from now; a later deadline changes nothing. */
    void tighten(Duration limit);

    /**
     * Calls {@code listener} once when the context ends early, or at once when it already has. The listener
     * runs on the thread that ends the context, with the caller's context class loader, and must not block.
     * A later listener replaces an earlier one.
     */
    void onEarlyEnd(Consumer<CancelCause> listener);

    /** Records that the handler failed because the context ended: it has no result to write. */
    void giveUp();

    /** Whether {@link #giveUp} was called. */
    boolean isGivenUp();

    /**
     * Fails the request's asynchronous processing with {@code cause}, as a failed write would: its listeners
     * are told of an {@code IOException} and of the completion, on a thread of the server's. Only where that
     * excludes writes to the response, as Spring MVC does, because the server uses the response again. From
     * any thread.
     *
     * @return false when nothing of the response has left or the server can't do it
     */
    default boolean failAsync(CancelCause cause) {
        return false;
    }

    /** Returns how long the request's threads have waited for the client's bytes; zero where unknown. */
    Duration readWait();

    /** Returns how long the request's threads have waited for room to write; zero where unknown. */
    Duration writeWait();

    /**
     * Returns what the request's thread waits for now: {@code db:5432} for a socket on the engine, {@code
     * connection pool}, {@code lock}, {@code sleep}; null when it runs, or where unknown. From any thread, for
     * reports: it may look at the thread's stack.
     */
    default @Nullable String waitsFor() {
        return null;
    }

    /** Returns what ended the context before the request completed, or null. From any thread. */
    default @Nullable CancelCause earlyEnd() {
        CancelCause cause = context().cause();
        return cause instanceof CancelCause.Completed ? null : cause;
    }

    /**
     * Returns what ended the context early and decides the response's status, or null. A client that has
     * only finished sending may still read: then the handler's own result is the response, unless the
     * handler gave up.
     */
    default @Nullable CancelCause answeringCause() {
        CancelCause cause = earlyEnd();
        boolean handlerAnswers =
                !isGivenUp()
                        && cause != null
                        && cause.origin() instanceof CancelCause.ClientDisconnected left
                        && left.how() == CancelCause.ClientDisconnected.How.FIN;
        return handlerAnswers ? null : cause;
    }
}
