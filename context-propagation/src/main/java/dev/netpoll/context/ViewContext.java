package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * Another context, seen with one more value or another runtime. It ends with what it shows and needs no
 * end of its own, so nobody has to close it. Immutable.
 */
final class ViewContext extends CancelContext {

    private final @Nullable CancelScope scope;
    private final ContextRuntime runtime;
    private final @Nullable Key<?> key;
    private final @Nullable Object value;

    ViewContext(
            CancelContext from,
            ContextRuntime runtime,
            @Nullable Key<?> key,
            @Nullable Object value) {
        super(from);
        this.scope = from.scope();
        this.runtime = runtime;
        this.key = key;
        this.value = value;
    }

    @Override
    @Nullable CancelScope scope() {
        return scope;
    }

    @Override
    ContextRuntime runtime() {
        return runtime;
    }

    /** The value when this is the view that carries the key. */
    @Nullable Object own(Key<?> wanted) {
        return wanted == key ? value : null;
    }
}
