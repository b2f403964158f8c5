// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

/** Reads the event masks of epoll(7), so that no code above tests bits. */
public final class EpollMask {

    static final int IN = 0x001;
    static final int PRI = 0x002;
    static final int OUT = 0x004;
    static final int ERR = 0x008;
    static final int HUP = 0x010;
    static final int RDHUP = 0x2000;
    static final int ET = 1 << 31;

    private EpollMask() {}

    /** A reader should try: data, end of stream, or an error to collect. */
    public static boolean readable(int mask) {
        return (mask & (IN | RDHUP | HUP | ERR)) != 0;
    }

    /** A writer should try: room, or an error to collect. */
    public static boolean writable(int mask) {
        return (mask & (OUT | HUP | ERR)) != 0;
    }

    /** The peer sent FIN, or more. */
    public static boolean peerClosed(int mask) {
        return (mask & (RDHUP | HUP | ERR)) != 0;
    }

    /** The peer sent urgent data: reads end at its mark, whatever stands behind it. */
    public static boolean urgent(int mask) {
        return (mask & PRI) != 0;
    }

    /** The connection is dead both ways (RST, or both FINs). */
    public static boolean hungUp(int mask) {
        return (mask & (HUP | ERR)) != 0;
    }
}
