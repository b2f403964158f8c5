// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * A context that never ends: the background, and the result of {@link
 * CancelContext#withoutCancel}. Immutable.
 */
final class RootContext extends CancelContext {

    static final RootContext BACKGROUND = new RootContext(null, SystemRuntime.INSTANCE);

    private final ContextRuntime runtime;

    RootContext(@Nullable Values values, ContextRuntime runtime) {
        super(values);
        this.runtime = runtime;
    }

    @Override
    @Nullable CancelScope scope() {
        return null;
    }

    @Override
    ContextRuntime runtime() {
        return runtime;
    }
}
