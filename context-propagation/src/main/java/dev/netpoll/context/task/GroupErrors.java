// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelledException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * What the tasks of a group threw, and which of it the group throws. Any thread; its own monitor guards
 * the mutable fields.
 */
final class GroupErrors {

    private final List<Throwable> errors = new ArrayList<>();
    private boolean reported;

    synchronized void add(Throwable error) {
        errors.add(error);
    }

    /** What a join throws for a group that ended with {@code end}; null if it was completed. */
    synchronized @Nullable Throwable report(@Nullable CancelCause end) {
        reported = true;
        return end == null || end instanceof CancelCause.Completed ? null : toThrow(end);
    }

    /** The same for a close: null, too, if a join has told it or if there is nothing to tell but the end. */
    synchronized @Nullable Throwable reportLost(@Nullable CancelCause end) {
        boolean lost = !reported && end != null && errors.stream().anyMatch(e -> !isEcho(e, end));
        return lost ? report(end) : null;
    }

    /**
     * The error that ended the group, or the exception of what else did, with the others suppressed in
     * it.
     */
    private Throwable toThrow(CancelCause end) {
        Throwable first = end.error();
        boolean ofATask = first != null && errors.stream().anyMatch(error -> error == first);
        Throwable thrown = ofATask && first != null ? unchecked(first) : end.toException();
        for (Throwable error : errors) {
            if (error != first && error != thrown && !isEcho(error, end)) {
                thrown.addSuppressed(error);
            }
        }
        return thrown;
    }

    /** Whether it only says that the group was cancelled. */
    private static boolean isEcho(Throwable error, CancelCause end) {
        return error != end.error()
                && (error instanceof InterruptedException
                        || (error instanceof CancelledException cancelled
                                && cancelled.cancelCause().origin().equals(end.origin())));
    }

    private static Throwable unchecked(Throwable error) {
        return error instanceof RuntimeException || error instanceof Error
                ? error
                : new TaskFailedException(error);
    }

    static void raise(@Nullable Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
