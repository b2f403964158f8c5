package dev.netpoll.autoconfigure.context;

import io.micrometer.context.ContextSnapshotFactory;

import org.springframework.util.ClassUtils;

import java.util.function.UnaryOperator;

/** Takes along to a helper thread what is bound to the caller's, as far as Micrometer knows of it. */
final class ThreadBoundState {

    private ThreadBoundState() {}

    static UnaryOperator<Runnable> carry() {
        return ClassUtils.isPresent("io.micrometer.context.ContextSnapshotFactory", null)
                ? new Snapshots()
                : UnaryOperator.identity();
    }

    private static final class Snapshots implements UnaryOperator<Runnable> {

        private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().build();

        @Override
        public Runnable apply(Runnable task) {
            return snapshots.captureAll().wrap(task);
        }
    }
}
