// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

/** The engine's only clock: nanoseconds of an arbitrary origin, always positive, never going back. */
@FunctionalInterface
public interface Ticker {

    /** Now. Values of one ticker compare as plain numbers. */
    long nanoTime();

    /** The JVM's monotonic clock, counted from the first use so that its values are positive. */
    static Ticker system() {
        return SystemTicker.INSTANCE;
    }
}
