// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;

import org.jspecify.annotations.Nullable;

/**
 * Answers a cancelled request in place of a handler that goes on: after the hard grace, or when the handler
 * writes its first byte too late. On whatever thread cancels or writes; its own answer on a virtual thread of
 * its own.
 */
final class CancelledAnswer implements ResponseGate.Guard {

    private final TomcatRequestContext request;
    private final Exchange exchange;
    private final RequestContexts contexts;

    /** The end of the hard grace. Written by what cancels the request; any thread calls it off. */
    private volatile ContextRuntime.@Nullable Timeout grace;

    CancelledAnswer(TomcatRequestContext request, Exchange exchange, RequestContexts contexts) {
        this.request = request;
        this.exchange = exchange;
        this.contexts = contexts;
    }

    TomcatRequestContext request() {
        return request;
    }

    /** The request is cancelled: pending reads fail, and the grace begins. Must not block. */
    void answerAfterGrace(CancelCause cause) {
        if (cause.origin() instanceof CancelCause.ClientDisconnected) {
            return; // what it has sent can still be read, and it waits for no answer
        }
        exchange.failReads();
        ContextRuntime runtime = ContextRuntime.system();
        long at = runtime.nanoTime() + contexts.settings().hardGrace().toNanos();
        grace = runtime.schedule(at, () -> runtime.start(() -> answerHard(cause)));
    }

    /** The request is over. Mostly there is nothing; what is set after this look finds it over. */
    void callOff() {
        ContextRuntime.Timeout set = grace;
        if (set != null) {
            set.cancel();
        }
    }

    private void answerHard(CancelCause cause) {
        if (!request.isOver() && answer(cause)) {
            contexts.countTakeOver(cause);
        }
    }

    private boolean answer(CancelCause cause) {
        return exchange.answer(problem(cause));
    }

    private ProblemResponse problem(CancelCause cause) {
        return ProblemResponse.of(contexts.settings().expiredStatus(), cause);
    }

    /**
     * The writer asks before the first byte: a response that comes too late never leaves. A client that has
     * only closed its side still reads what the handler answers.
     */
    @Override
    public boolean mayAnswer() {
        CancelCause cause = request.isOver() ? null : request.context().cause();
        if (cause == null || !RequestContext.isAnsweredByTheServer(cause)) {
            return true;
        }
        exchange.answerLate(problem(cause));
        return false;
    }
}
