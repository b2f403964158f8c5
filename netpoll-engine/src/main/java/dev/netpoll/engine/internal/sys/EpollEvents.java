// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

/**
 * The records one epoll_wait(2) filled in. Owned by the thread that polls; valid until its next
 * call.
 */
public interface EpollEvents {

    /** The 64 bits given at registration. */
    long data(int index);

    /** The event mask; read it with {@link EpollMask}. */
    int mask(int index);
}
