package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * A context that never ends: the background, and what is left when the cancel is taken away from a
 * context. Immutable.
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
