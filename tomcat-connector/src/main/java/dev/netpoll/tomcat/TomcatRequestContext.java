// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.ContextLoader;
import dev.netpoll.context.CurrentContext;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.task.OwnedWork;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.connector.ClientAbortException;
import org.apache.catalina.connector.Request;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * One request's context, from before its first filter until its response is out.
 *
 * <pre>
 * begun → entered        the valve, on the handler's thread; again for each asynchronous dispatch
 * entered → left         the valve, on the same thread
 * left → ended           the valve when the request is over, or the asynchronous listener; once
 *
 * while entered or left, once: the context ends early → after the hard grace the connector answers
 * </pre>
 *
 * <p>The leaf may be a child of the first scope: {@link #tighten} hangs a shorter deadline below it.
 * Handler-thread only, except {@link #leaf}, the cancelling itself, and what a cancel starts.
 *
 * <p>It owns its scopes: when one ends early, one call does what would be hooks for the connection, the
 * handler's interrupt and the overdue watch. On our connector the {@link Exchange} cancels it when the client
 * leaves, and a {@link CancelledAnswer} answers for a handler that goes on.
 */
final class TomcatRequestContext implements RequestContext, Consumer<CancelCause> {

    private final RequestContexts contexts;
    private final @Nullable Exchange exchange;
    private final String method;
    private final String target;
    private final @Nullable CancelledAnswer answer;
    private final OwnedWork work;
    private final CancelScope first;

    /** The innermost scope. Written by the handler's thread, read by anyone. */
    private volatile CancelScope leaf;

    /** Handler thread. */
    private @Nullable Binding binding;

    /** Handler thread; whether ending it was seen to. */
    private boolean awaitingAsync;

    /** Handler thread. */
    private boolean givenUp;

    /** Atomic enough: set by the one thread that ends it. */
    private volatile boolean ended;

    /** Told once when it ends early. Guarded by this. */
    private @Nullable Consumer<CancelCause> earlyEnd;

    /** What the connection had waited before this request, in nanoseconds. Handler thread. */
    private long readWaitBefore;

    private long writeWaitBefore;

    /**
     * A scope below {@code root}; it may have ended when it is made.
     *
     * @param target what is asked for: the path without parameters, perhaps with its query
     * @param limit how long it may take, or null
     */
    TomcatRequestContext(
            RequestContexts contexts,
            @Nullable Exchange exchange,
            CancelScope root,
            String method,
            String target,
            @Nullable Duration limit) {
        this.contexts = contexts;
        this.exchange = exchange;
        this.answer = exchange == null ? null : new CancelledAnswer(this, exchange, contexts);
        this.method = method;
        this.target = target;
        RequestSettings settings = contexts.settings();
        this.work = new OwnedWork(settings.overdue(), settings.interrupts(), this);
        this.first =
                limit == null
                        ? root.withCancel(this)
                        : root.withDeadline(Deadline.after(limit), reason(limit), this);
        this.leaf = first;
    }

    private static String reason(Duration limit) {
        return "request limit " + limit;
    }

    @Override
    public CancelScope context() {
        return leaf;
    }

    /** What carries the request on our connector; null on others. */
    @Nullable Exchange exchange() {
        return exchange;
    }

    /** Ends it early, for an operator. From any thread. */
    void cancel(String why) {
        leaf.cancel(why);
        first.cancel(why);
    }

    /** Ends it early because of {@code cause}. From any thread. */
    void cancel(CancelCause cause) {
        leaf.cancel(cause);
        first.cancel(cause);
    }

    @Override
    public void onEarlyEnd(Consumer<CancelCause> listener) {
        ClassLoader loader = ContextLoader.current();
        synchronized (this) {
            earlyEnd = cause -> ContextLoader.accept(loader, listener, cause);
        }
        CancelCause cause = leaf.cause();
        if (cause != null) {
            tellOfEarlyEnd(cause);
        }
    }

    private void tellOfEarlyEnd(CancelCause cause) {
        Consumer<CancelCause> listener;
        synchronized (this) {
            listener = earlyEnd;
            earlyEnd = null;
        }
        if (listener != null) {
            listener.accept(cause);
        }
    }

    @Override
    public void giveUp() {
        givenUp = true;
    }

    @Override
    public boolean isGivenUp() {
        return givenUp;
    }

    @Override
    public boolean failAsync(CancelCause cause) {
        Exchange carrier = exchange;
        if (carrier == null || !carrier.hasResponse()) {
            return false;
        }
        carrier.failAsync(this, new ClientAbortException(cause.toException()));
        return true;
    }

    @Override
    public Duration readWait() {
        Exchange carrier = exchange;
        return Duration.ofNanos(carrier == null ? 0 : carrier.readWaited() - readWaitBefore);
    }

    @Override
    public Duration writeWait() {
        Exchange carrier = exchange;
        return Duration.ofNanos(carrier == null ? 0 : carrier.writeWaited() - writeWaitBefore);
    }

    @Override
    public @Nullable String waitsFor() {
        Exchange carrier = exchange;
        HandlerWait wait = carrier == null ? null : carrier.waitsFor();
        return wait == null ? null : wait.what();
    }

    @Override
    public String label() {
        return method + " " + target;
    }

    /** The label: made only when a report needs it. */
    @Override
    public String toString() {
        return label();
    }

    @Override
    public void tighten(Duration limit) {
        Deadline current = leaf.deadline();
        Deadline wanted = Deadline.after(limit);
        if (current == null || wanted.compareTo(current) < 0) {
            leaf = leaf.withDeadline(wanted, reason(limit), this);
            if (binding != null) {
                CurrentContext.set(leaf);
            }
        }
    }

    // ---- on the handler's thread

    void begin(Request request) {
        // Where Tomcat looks when Catalina's own map does not have it: a plain map, and none of the
        // names an application sees, not a concurrent map that every request fills and empties.
        request.getCoyoteRequest().setAttribute(ATTRIBUTE, this);
        Exchange carrier = exchange;
        if (carrier != null && answer != null) {
            carrier.gate().guardedBy(answer);
            readWaitBefore = carrier.readWaited();
            writeWaitBefore = carrier.writeWaited();
            carrier.begin(this, request.getResponse());
        }
    }

    void enter() {
        binding = leaf.bind();
        work.enter();
    }

    void leave() {
        work.leave();
        Binding bound = binding;
        if (bound != null) {
            binding = null;
            bound.close();
        }
    }

    boolean awaitsAsync() {
        return awaitingAsync;
    }

    void awaitAsync() {
        awaitingAsync = true;
    }

    /** A thread is in the valve with it: what ends meanwhile is seen to when that thread leaves. */
    boolean isEntered() {
        return work.isEntered();
    }

    /** The request is over. */
    boolean isOver() {
        return ended;
    }

    /**
     * The request is over. Decides whether it was in time; {@link #countEnd} when it is answered, too.
     *
     * @return what ended it early, or null when it completed
     */
    @Nullable CancelCause end() {
        if (ended) {
            return null;
        }
        ended = true;
        Exchange carrier = exchange;
        if (carrier != null) {
            carrier.callOff();
        }
        CancelScope inner = leaf;
        CancelCause cause = inner.tryComplete() ? null : inner.cause();
        if (inner != first) {
            first.tryComplete();
        }
        if (answer != null) {
            answer.callOff();
        }
        if (cause != null && carrier != null) {
            carrier.gate().endedEarly();
        }
        return cause;
    }

    /** It has ended and is answered. Once. */
    void countEnd(@Nullable CancelCause cause) {
        contexts.countEnd(cause == null ? CancelCause.Kind.COMPLETED : cause.origin().kind());
    }

    /** The response is out, or never will be. */
    void closeGate() {
        Exchange carrier = exchange;
        if (carrier != null) {
            carrier.gate().end();
        }
    }

    /**
     * One of its scopes has ended early. On whatever thread ends it; must not block. Perhaps before its
     * constructor is through.
     */
    @Override
    public void accept(CancelCause cause) {
        if (!ended && work.end(cause)) {
            tellOfEarlyEnd(cause);
            if (answer != null) {
                CancelledEvent.record(this, cause);
                answer.answerAfterGrace(cause);
            }
            work.tellInside();
        }
    }
}
