// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * Calls an action with the context class loader of the thread that registered it. The thread that
 * ends a context, a timer's or an event loop's, has none or another one.
 */
public final class ContextLoader {

    private ContextLoader() {}

    /** The calling thread's. */
    public static @Nullable ClassLoader current() {
        return Thread.currentThread().getContextClassLoader();
    }

    /** Calls {@code action} on this thread with {@code loader} as its context class loader. */
    public static <T> void accept(
            @Nullable ClassLoader loader, Consumer<? super T> action, T argument) {
        Thread thread = Thread.currentThread();
        ClassLoader own = thread.getContextClassLoader();
        if (own == loader) {
            action.accept(argument);
            return;
        }
        thread.setContextClassLoader(loader);
        try {
            action.accept(argument);
        } finally {
            thread.setContextClassLoader(own);
        }
    }
}
