// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * One expiry in a {@link TimerWheel}, and the handle that cancels it. All mutable fields are under
 * the wheel's lock.
 */
final class TimerEntry implements ContextRuntime.Timeout {

    /** In no wheel: not yet, fired, or called off. */
    static final int NOWHERE = -1;

    /** In the heap of what is due soon; any other value is the number of a bucket. */
    static final int IN_HEAP = -2;

    private final TimerStripe stripe;

    /** Nanoseconds since the wheel's origin; never negative. */
    final long at;

    /** Null once it has fired or was called off, so that a kept handle keeps nothing else. */
    @Nullable Runnable expiry;

    @Nullable TimerEntry prev;
    @Nullable TimerEntry next;
    int place = NOWHERE;

    /** Where in the heap, when it is there. */
    int heapIndex;

    TimerEntry(TimerStripe stripe, long at, Runnable expiry) {
        this.stripe = stripe;
        this.at = at;
        this.expiry = expiry;
    }

    @Override
    public void cancel() {
        stripe.remove(this);
    }
}
