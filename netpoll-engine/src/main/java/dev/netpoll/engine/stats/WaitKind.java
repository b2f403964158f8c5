package dev.netpoll.engine.stats;

/** What somebody waited for, and how. */
public enum WaitKind {
    /** A thread, for something to read or to accept. */
    READ,
    /** A thread or an armed dispatch, for room to write. */
    WRITE,
    /** An armed dispatch, for something to read: a connection that held no thread. */
    IDLE
}
