// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.Locale;

/** The purpose of a connection's deadline. A request's deadline belongs to its context. */
public enum DeadlineKind {
    /** The header of the PROXY protocol, from the accept to its last byte. */
    PROXY,
    /** The handshake of TLS, from its first byte to its end. */
    HANDSHAKE,
    /** A request's header, a connection's first one among them. */
    HEADER,
    /** A piece of a request's body, or of an upgraded connection's stream. */
    READ,
    /** Room to write. */
    WRITE,
    /** The next request of a connection that has had one. */
    KEEP_ALIVE;

    private final String tag = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The kebab-case name. */
    public String tag() {
        return tag;
    }
}
