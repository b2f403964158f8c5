// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.micrometer;

import io.micrometer.context.ContextSnapshotFactory;

import java.util.function.UnaryOperator;

/**
 * Carries thread-bound state that Micrometer's context propagation knows to the thread that runs a
 * task: traces, the MDC and more.
 */
public final class ThreadBoundState implements UnaryOperator<Runnable> {

    private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().build();

    /** Such a carrier where Micrometer's context propagation is on the class path; else tasks stay as they are. */
    public static UnaryOperator<Runnable> whereAvailable() {
        try {
            return new ThreadBoundState();
        } catch (NoClassDefFoundError without) {
            return UnaryOperator.identity();
        }
    }

    @Override
    public Runnable apply(Runnable task) {
        return snapshots.captureAll().wrap(task);
    }
}
