// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

/**
 * The ticker of {@link System#nanoTime}, shifted to start at one: that clock may start anywhere,
 * even below zero.
 */
enum SystemTicker implements Ticker {
    INSTANCE;

    private static final long ORIGIN = System.nanoTime() - 1;

    @Override
    public long nanoTime() {
        return System.nanoTime() - ORIGIN;
    }
}
