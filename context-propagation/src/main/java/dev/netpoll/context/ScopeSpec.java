// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * The settings of a new scope, apart from its place in the tree.
 *
 * @param ownEnd a completion above does not end it
 * @param timed whether there is a deadline
 * @param atNanos the deadline by the runtime's clock
 * @param reason what the deadline is for
 * @param error the same as a throwable
 */
record ScopeSpec(
        boolean ownEnd,
        boolean timed,
        long atNanos,
        @Nullable String reason,
        @Nullable Throwable error) {

    static final ScopeSpec NONE = new ScopeSpec(false, false, 0, null, null);
    static final ScopeSpec OWN_END = new ScopeSpec(true, false, 0, null, null);
}
