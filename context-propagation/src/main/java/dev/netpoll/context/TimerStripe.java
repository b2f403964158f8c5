// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import java.util.function.Consumer;

/**
 * One of the {@link TimerWheel}s of a {@link TimerThread}, under a lock of its own that is held for a few
 * links. A thread that loses its processor in there holds up only those that use the same stripe.
 */
final class TimerStripe {

    private final TimerWheel wheel = new TimerWheel(); // under this object's lock

    /** Takes the entry in and says when {@link #advance} has to be called for it. */
    synchronized long add(TimerEntry entry) {
        return wheel.add(entry);
    }

    /** Lets the entry go; does nothing when it is not here any more. */
    synchronized void remove(TimerEntry entry) {
        wheel.remove(entry);
    }

    /** Hands out what is due at {@code now} and says when to call this next. */
    synchronized long advance(long now, Consumer<Runnable> expired) {
        wheel.advance(now, expired);
        return wheel.next();
    }

    synchronized int size() {
        return wheel.size();
    }
}
