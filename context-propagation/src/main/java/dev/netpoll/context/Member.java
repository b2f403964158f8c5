// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * A child scope or a hook in the {@link Members} of a scope. Both have the links of the list as fields
 * of their own, so that standing in a list takes no object; these methods read and write them.
 *
 * <p>{@code prev} and {@code next} are guarded by the list's lock; once the list is closed they belong to
 * the thread that closed it. {@code holder} is the list this stands in, or stood in when it was closed:
 * written under that list's lock, and volatile, because an end that runs against an attach reads it
 * without (see {@link CancelScope#attach}).
 */
sealed interface Member permits CancelScope, CancelHook {

    static @Nullable Member prev(Member member) {
        return member instanceof CancelScope scope ? scope.prev : ((CancelHook) member).prev;
    }

    static void prev(Member member, @Nullable Member to) {
        if (member instanceof CancelScope scope) {
            scope.prev = to;
        } else {
            ((CancelHook) member).prev = to;
        }
    }

    static @Nullable Member next(Member member) {
        return member instanceof CancelScope scope ? scope.next : ((CancelHook) member).next;
    }

    static void next(Member member, @Nullable Member to) {
        if (member instanceof CancelScope scope) {
            scope.next = to;
        } else {
            ((CancelHook) member).next = to;
        }
    }

    static @Nullable Members holder(Member member) {
        return member instanceof CancelScope scope ? scope.holder : ((CancelHook) member).holder;
    }

    static void holder(Member member, @Nullable Members to) {
        if (member instanceof CancelScope scope) {
            scope.holder = to;
        } else {
            ((CancelHook) member).holder = to;
        }
    }
}
