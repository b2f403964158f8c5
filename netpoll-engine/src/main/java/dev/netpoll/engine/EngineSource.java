// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.net.SocketException;

/** Where an outbound socket has its engine from, between its creation and its close. */
@FunctionalInterface
interface EngineSource {

    /**
     * The engine for one socket.
     *
     * @throws SocketException when there is none any more
     */
    NetpollEngine take() throws SocketException;

    /** The socket has closed. Must not block: the caller may be any thread, and holds the socket's lock. */
    default void giveBack(NetpollEngine engine) {}
}
