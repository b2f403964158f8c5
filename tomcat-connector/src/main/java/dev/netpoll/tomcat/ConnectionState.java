// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.util.Locale;

/** The state of a connection. */
public enum ConnectionState {
    /** Between two requests, or before the first: holds no thread. */
    IDLE,
    /** A request's header is coming in; no thread is held meanwhile. */
    HEADER,
    /** A request is being served; its thread runs, or waits for something other than the socket. */
    SERVING,
    /** A request's thread waits for bytes of the client's. */
    READING,
    /** A request's thread waits for room to write. */
    WRITING,
    /** A request is answered asynchronously; no thread of the connector is held. */
    ASYNC,
    /** The connection speaks another protocol now, such as WebSocket. */
    UPGRADED;

    private final String tag = name().toLowerCase(Locale.ROOT);

    /** The lower-case name. */
    public String tag() {
        return tag;
    }
}
