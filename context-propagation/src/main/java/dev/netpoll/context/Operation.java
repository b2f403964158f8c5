// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work with a result and an exception type of its own, so that a lambda that throws nothing
 * needs no {@code catch}.
 *
 * @param <T> the result
 * @param <E> the checked exception, or {@link RuntimeException} when there is none
 */
@FunctionalInterface
public interface Operation<T extends @Nullable Object, E extends Exception> {

    T run() throws E;
}
