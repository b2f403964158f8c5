// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import java.util.Objects;

/**
 * The typed name of a value that travels with a context. Two keys are never equal, even when they
 * are named alike: code that holds the key has access to the value, so keep it in a {@code static
 * final} field.
 *
 * @param <T> the type of the value
 */
@SuppressWarnings("UnusedTypeParameter") // it types the value, not the key
public final class Key<T> {

    private final String name;

    private Key(String name) {
        this.name = Objects.requireNonNull(name);
    }

    /**
     * A new key.
     *
     * @param name what {@code toString} says; it identifies nothing
     */
    public static <T> Key<T> named(String name) {
        return new Key<>(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
