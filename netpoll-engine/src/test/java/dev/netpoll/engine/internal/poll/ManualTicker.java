// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Ticker;

/** A clock that stands still until it is moved. */
public final class ManualTicker implements Ticker {

    private volatile long now;

    /** Runs whenever the clock is read; may throw. */
    public volatile Runnable whenRead = () -> {};

    public ManualTicker(long now) {
        this.now = now;
    }

    @Override
    public long nanoTime() {
        whenRead.run();
        return now;
    }

    public void moveTo(long when) {
        now = when;
    }
}
