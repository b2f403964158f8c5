// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptScope;

import org.jspecify.annotations.Nullable;

/**
 * What surrounds a task on the thread that runs it, from its first line to its last: its context is the
 * current one, its end interrupts the thread as its {@linkplain dev.netpoll.context.InterruptPolicy
 * policy} says, the work is watched after that end, belongs to the {@link
 * RunningWork} it is a part of, and is observed.
 *
 * <p>Confined to the thread that begins it, but for the interrupt; a task that is run again begins again.
 */
public final class TaskRun implements AutoCloseable {

    private final TaskObservation.@Nullable Running observed;
    private final RunningWork.@Nullable Piece piece;
    private final @Nullable WatchedTask watched;
    private final Binding binding;
    private final InterruptScope interrupts;

    private TaskRun(CancelScope scope, String label, @Nullable TaskObservation observation) {
        // First, as the one that can throw.
        observed = observation == null ? null : observation.begin(scope);
        piece = RunningWork.begin(scope);
        OverdueWatch watch = scope.value(OverdueWatch.KEY);
        watched = watch == null ? null : watch.watch(scope, label);
        binding = scope.bind();
        interrupts = InterruptScope.openByPolicy(scope);
    }

    /**
     * The calling thread begins a task under {@code scope}.
     *
     * @param label what it is, for people
     * @param observation of its submission, or null without an observer
     */
    public static TaskRun begin(
            CancelScope scope, String label, @Nullable TaskObservation observation) {
        return new TaskRun(scope, label, observation);
    }

    /** Interrupts the task at once, whatever the policy says, unless it has ended. From any thread. */
    public void interruptNow() {
        interrupts.interruptNow();
    }

    /** The task has ended. */
    @Override
    public void close() {
        try (observed;
                piece;
                watched;
                binding;
                interrupts) {
            // each of them, the last begun first, whatever the others throw
        }
    }
}
