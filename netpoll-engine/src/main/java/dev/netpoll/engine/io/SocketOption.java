// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

/** Socket options with an int value, by their names in socket(7), tcp(7) and ipv6(7). */
public enum SocketOption {
    SO_REUSEADDR(1, 2),
    SO_KEEPALIVE(1, 9),
    SO_SNDBUF(1, 7),
    SO_RCVBUF(1, 8),
    SO_REUSEPORT(1, 15),
    SO_OOBINLINE(1, 10),
    TCP_NODELAY(6, 1),
    TCP_KEEPIDLE(6, 4),
    TCP_KEEPINTVL(6, 5),
    TCP_KEEPCNT(6, 6),
    TCP_DEFER_ACCEPT(6, 9),
    TCP_QUICKACK(6, 12),
    TCP_USER_TIMEOUT(6, 18),
    TCP_FASTOPEN(6, 23),
    IP_TOS(0, 1),
    IPV6_TCLASS(41, 67),
    IPV6_V6ONLY(41, 26);

    private final int level;
    private final int number;

    SocketOption(int level, int number) {
        this.level = level;
        this.number = number;
    }

    /** The protocol level, as in setsockopt(2) of Linux. */
    public int level() {
        return level;
    }

    /** The option's number at its level, as in setsockopt(2) of Linux. */
    public int number() {
        return number;
    }
}
