// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.context.task.TaskObservation;
import dev.netpoll.context.task.TaskObserver;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;

import org.jspecify.annotations.Nullable;

/**
 * Gives every task that is submitted under a span a span of its own. A task that ends with its
 * submitter's context, at the latest, is a child in the same trace. A
 * detached task may run long after that trace has ended: it begins a trace of its own, with a link to the
 * span that submitted it.
 */
public final class TaskTraces implements TaskObserver {

    private final Tracer tracer;
    private final ObservationRegistry observations;

    public TaskTraces(Tracer tracer, ObservationRegistry observations) {
        this.tracer = tracer;
        this.observations = observations;
    }

    @Override
    public @Nullable TaskObservation submitted(String label, boolean detached) {
        Span submitter = tracer.currentSpan();
        if (submitter == null) {
            return null;
        }
        Observation current = detached ? null : observations.getCurrentObservation();
        return new TaskSpan(tracer, nameOf(label), submitter, current, detached);
    }

    /** Of a class its simple name, and of a lambda the one of the class it is in. */
    private static String nameOf(String label) {
        if (label.startsWith("@")) {
            return label;
        }
        int lambda = label.indexOf("$$");
        String type = lambda < 0 ? label : label.substring(0, lambda);
        return "task " + type.substring(type.lastIndexOf('.') + 1);
    }
}
