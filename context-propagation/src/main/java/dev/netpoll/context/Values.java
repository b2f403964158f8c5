// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * The values of a context, the latest first: an immutable list that contexts share with those
 * derived from them. It holds values and no context, so keeping a value keeps no tree; a value that
 * a later one of its key hides is in no new list.
 */
final class Values {

    private final Key<?> key;
    private final Object value;
    private final @Nullable Values rest;

    private Values(Key<?> key, Object value, @Nullable Values rest) {
        this.key = key;
        this.value = value;
        this.rest = rest;
    }

    /** {@code values} with one more. */
    static Values with(@Nullable Values values, Key<?> key, Object value) {
        return new Values(key, value, without(values, key));
    }

    private static @Nullable Values without(@Nullable Values values, Key<?> key) {
        if (find(values, key) == null) {
            return values;
        }
        if (values == null || values.key == key) {
            return values == null ? null : values.rest;
        }
        return new Values(values.key, values.value, without(values.rest, key));
    }

    /** The key's value, or null. */
    static @Nullable Object find(@Nullable Values values, Key<?> key) {
        for (Values each = values; each != null; each = each.rest) {
            if (each.key == key) {
                return each.value;
            }
        }
        return null;
    }
}
