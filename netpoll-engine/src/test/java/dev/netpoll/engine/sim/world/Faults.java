// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.io.Errno;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The faults of one simulation: which kinds there are, how often they come, and how often they came. */
final class Faults {

    /** What can go wrong, and what else a kernel may do. */
    enum Kind {
        ERRNO_OF_RECV,
        ERRNO_OF_SEND,
        ERRNO_OF_ACCEPT,
        ERRNO_OF_CONNECT,
        ERRNO_OF_EPOLL_CTL,
        ERRNO_OF_SOCKET,
        ERRNO_OF_SHUTDOWN,
        ERRNO_OF_CLOSE,
        ERRNO_OF_SETSOCKOPT,
        INTERRUPTED_CALL,
        INTERRUPTED_EPOLL_WAIT,
        SHORT_READ,
        SHORT_WRITE,
        NO_ROOM_FOR_A_WHILE,
        SPURIOUS_EVENT,
        EVENT_HELD_BACK,
        SLOW_NETWORK,
        RESET_BY_THE_NETWORK,
        OUT_OF_DESCRIPTORS
    }

    private static final Errno[] OF_RECV = {
        Errno.ECONNREFUSED, Errno.ENOMEM, Errno.ENOTCONN, Errno.ETIMEDOUT, Errno.EHOSTUNREACH,
        Errno.ENETUNREACH, Errno.ECONNRESET, Errno.EINVAL, Errno.ENOBUFS, Errno.EPROTO
    };
    private static final Errno[] OF_SEND = {
        Errno.EACCES, Errno.EALREADY, Errno.ECONNRESET, Errno.EDESTADDRREQ, Errno.EINVAL,
        Errno.EISCONN, Errno.EMSGSIZE, Errno.ENOBUFS, Errno.ENOMEM, Errno.ENOTCONN,
        Errno.EOPNOTSUPP, Errno.EPIPE, Errno.ETIMEDOUT, Errno.EHOSTUNREACH, Errno.ENETDOWN
    };
    private static final Errno[] OF_ACCEPT = {
        Errno.ECONNABORTED,
        Errno.EMFILE,
        Errno.ENFILE,
        Errno.ENOBUFS,
        Errno.ENOMEM,
        Errno.EPERM,
        Errno.EPROTO,
        Errno.ENETDOWN,
        Errno.ENOPROTOOPT,
        Errno.EHOSTDOWN,
        Errno.ENONET,
        Errno.EHOSTUNREACH,
        Errno.ENETUNREACH,
        Errno.EOPNOTSUPP
    };
    private static final Errno[] OF_CONNECT = {
        Errno.EACCES, Errno.EPERM, Errno.EADDRINUSE, Errno.EADDRNOTAVAIL, Errno.EAFNOSUPPORT,
        Errno.EAGAIN, Errno.EALREADY, Errno.ECONNREFUSED, Errno.EISCONN, Errno.ENETUNREACH,
        Errno.ETIMEDOUT, Errno.EHOSTUNREACH
    };
    private static final Errno[] OF_EPOLL_CTL = {Errno.ENOMEM, Errno.ENOSPC, Errno.EPERM};
    private static final Errno[] OF_SOCKET = {
        Errno.EMFILE,
        Errno.ENFILE,
        Errno.ENOBUFS,
        Errno.ENOMEM,
        Errno.EACCES,
        Errno.EAFNOSUPPORT,
        Errno.EPROTONOSUPPORT,
        Errno.EINVAL
    };
    private static final Errno[] OF_SHUTDOWN = {Errno.ENOTCONN};
    private static final Errno[] OF_CLOSE = {Errno.EINTR, Errno.EIO, Errno.ENOSPC};
    private static final Errno[] OF_SETSOCKOPT = {Errno.ENOPROTOOPT, Errno.EINVAL, Errno.ENOMEM};

    private static final String ERRNO = "ERRNO";

    private final Dice dice;

    /** In 1,000ths. */
    private final EnumMap<Kind, Integer> rates = new EnumMap<>(Kind.class);

    private final Map<String, Integer> injected = new TreeMap<>();
    private boolean over = true;

    /** In each simulation some kinds are frequent and others absent: so their combinations differ. */
    Faults(Dice dice, boolean none) {
        this.dice = dice;
        for (Kind kind : Kind.values()) {
            if (!none && dice.oneIn(3)) {
                boolean ends = kind.name().startsWith(ERRNO) || kind == Kind.RESET_BY_THE_NETWORK;
                rates.put(kind, dice.of(ends ? 5 : 20, ends ? 20 : 100, ends ? 60 : 400));
            }
        }
    }

    /** Before this there are none. */
    void begin() {
        over = false;
    }

    /** From here on there are none. */
    void end() {
        over = true;
    }

    boolean hit(Kind kind) {
        Integer rate = rates.get(kind);
        if (rate == null || over || dice.below(1_000) >= rate) {
            return false;
        }
        injected.merge(kind.name(), 1, Integer::sum);
        return true;
    }

    /** The negated errno that a call of this kind fails with; 0 when it may go on. */
    int errno(Kind kind) {
        Integer rate = rates.get(kind);
        if (rate == null || over || dice.below(1_000) >= rate) {
            return 0;
        }
        Errno errno = dice.of(of(kind));
        injected.merge(kind.name() + " " + errno, 1, Integer::sum);
        return -errno.number();
    }

    private static Errno[] of(Kind kind) {
        return switch (kind) {
            case ERRNO_OF_RECV -> OF_RECV;
            case ERRNO_OF_SEND -> OF_SEND;
            case ERRNO_OF_ACCEPT -> OF_ACCEPT;
            case ERRNO_OF_CONNECT -> OF_CONNECT;
            case ERRNO_OF_EPOLL_CTL -> OF_EPOLL_CTL;
            case ERRNO_OF_SOCKET -> OF_SOCKET;
            case ERRNO_OF_SHUTDOWN -> OF_SHUTDOWN;
            case ERRNO_OF_CLOSE -> OF_CLOSE;
            case ERRNO_OF_SETSOCKOPT -> OF_SETSOCKOPT;
            default -> throw new IllegalArgumentException(kind + " is no errno");
        };
    }

    /** The names of all, with each errno. */
    static Set<String> possible() {
        Set<String> names = new TreeSet<>();
        for (Kind kind : Kind.values()) {
            if (kind.name().startsWith(ERRNO)) {
                for (Errno errno : of(kind)) {
                    names.add(kind + " " + errno);
                }
            } else {
                names.add(kind.name());
            }
        }
        return names;
    }

    boolean isPossible(Kind kind) {
        return rates.containsKey(kind);
    }

    Map<String, Integer> injected() {
        return injected;
    }
}
