// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.Locale;

/** What ended a connection. */
public enum ClosedBy {
    /** The client: it closed its side or reset the connection. */
    PEER,
    /** The server, because it had nothing more to say: {@code Connection: close}, an error, a limit. */
    SERVER,
    /** The server, because a trusted proxy sent no header of the PROXY protocol, or a malformed one. */
    PROXY,
    /** A deadline of the connection or of its request. */
    DEADLINE,
    /** The server's shutdown. */
    SHUTDOWN,
    /** An operator. */
    OPERATOR;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The lower-case name. */
    public String tag() {
        return tag;
    }
}
