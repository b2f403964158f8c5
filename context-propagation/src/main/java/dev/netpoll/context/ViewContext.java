package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * Another context, seen with one more value or another runtime. It ends with what it shows and needs no
 * end of its own, so nobody has to close it. Immutable.
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
