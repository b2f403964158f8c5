// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

/** Event masks by the numbers of sys/epoll.h. */
final class Masks {

    static final int IN = 0x001;
    static final int PRI = 0x002;
    static final int OUT = 0x004;
    static final int ERR = 0x008;
    static final int HUP = 0x010;
    static final int RDHUP = 0x2000;

    private Masks() {}
}
