// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.micrometer;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CurrentContext;

import io.micrometer.context.ThreadLocalAccessor;

import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry the current {@link CancelContext}: into Reactor's
 * context and back, and through every task decorator that takes a snapshot. Found by the service
 * loader.
 *
 * <p>It carries the context itself, not a child: the work sees the same deadline and the same end. Who
 * wants the task to be stopped as well wraps its executor with {@link
 * dev.netpoll.context.task.ContextExecutors}.
 */
public final class CancelContextAccessor implements ThreadLocalAccessor<CancelContext> {

    /** The key in snapshots and in Reactor's context. */
    public static final String KEY = "dev.netpoll.context";

    @Override
    public Object key() {
        return KEY;
    }

    @Override
    public @Nullable CancelContext getValue() {
        return CurrentContext.get();
    }

    @Override
    public void setValue(CancelContext context) {
        CurrentContext.set(context);
    }

    @Override
    public void setValue() {
        CurrentContext.set(null);
    }
}
