// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.task.TaskObservation;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;

import org.jspecify.annotations.Nullable;

/** The span of one task. Made on the submitter's thread; then the task's thread only. */
final class TaskSpan implements TaskObservation {

    private final Tracer tracer;
    private final String name;
    private final Span submitter;
    private final @Nullable Observation current;
    private final boolean detached;

    /** What the run that is under way has thrown first. Task's thread. */
    private @Nullable Throwable error;

    TaskSpan(
            Tracer tracer,
            String name,
            Span submitter,
            @Nullable Observation current,
            boolean detached) {
        this.tracer = tracer;
        this.name = name;
        this.submitter = submitter;
        this.current = current;
        this.detached = detached;
    }

    @Override
    public Running begin(CancelContext context) {
        error = null;
        Span.Builder builder = tracer.spanBuilder().name(name);
        Span span =
                detached
                        ? builder.setNoParent().addLink(new Link(submitter.context())).start()
                        : builder.setParent(submitter.context()).start();
        // The request is still the story that observations below belong to; the span is the inner
        // one.
        Observation.Scope observed = current == null ? null : current.openScope();
        Tracer.SpanInScope traced = tracer.withSpan(span);
        return () -> {
            traced.close();
            if (observed != null) {
                observed.close();
            }
            end(span, context);
        };
    }

    private void end(Span span, CancelContext context) {
        CancelCause cause = context.cause();
        Throwable thrown = error;
        if (cause != null && cause.origin().kind() != CancelCause.Kind.COMPLETED) {
            span.tag("cancel.cause", cause.origin().kind().tag());
        } else if (thrown != null) {
            span.error(thrown);
        }
        span.end();
    }

    @Override
    public void failed(Throwable failure) {
        if (error == null) {
            error = failure;
        }
    }
}
