// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.util.concurrent.locks.LockSupport;

/**
 * Tells whether a thread is using a socket, from its state and its stack as another thread sees
 * them.
 */
final class SocketUse {

    private SocketUse() {}

    /**
     * Whether {@code thread} waits just now, and not for a socket. One that runs may be about to use
     * one, and will wait again soon.
     *
     * @param base whose frame is the last to be looked at: what lies below is the caller's own business
     */
    static boolean isWaitingForNone(Thread thread, Class<?> base) {
        if (LockSupport.getBlocker(thread) != null) {
            // A lock or a queue, as in most pools; a thread that waits for a socket names none.
            return true;
        }
        Thread.State state = thread.getState();
        if (state == Thread.State.NEW || state == Thread.State.RUNNABLE) {
            return false;
        }
        for (StackTraceElement frame : thread.getStackTrace()) {
            String name = frame.getClassName();
            if (name.equals(base.getName())) {
                return true;
            }
            if (name.startsWith("sun.nio.ch.") || name.startsWith("java.net.")) {
                return false;
            }
        }
        return true;
    }
}
