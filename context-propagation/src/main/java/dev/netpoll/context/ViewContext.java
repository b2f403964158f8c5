// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * A context that adds one value or another runtime to a given one. It ends with that context and
 * need not be closed. Immutable.
 */
final class ViewContext extends CancelContext {

    private final @Nullable CancelScope scope;
    private final ContextRuntime runtime;

    ViewContext(@Nullable CancelScope scope, ContextRuntime runtime, @Nullable Values values) {
        super(values);
        this.scope = scope;
        this.runtime = runtime;
    }

    @Override
    @Nullable CancelScope scope() {
        return scope;
    }

    @Override
    ContextRuntime runtime() {
        return runtime;
    }
}
