// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.stats;

/** The kinds of waits for a socket: for what, and how. */
public enum WaitKind {
    /** A thread, for something to read or to accept. */
    READ,
    /** A thread or an armed dispatch, for room to write. */
    WRITE,
    /** An armed dispatch, for something to read: a connection that held no thread. */
    IDLE
}
