// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.net.Socket;
import java.net.SocketException;

/** A {@link Socket} on an engine: that class with an {@link OutboundSocketImpl}. */
final class NetpollSocket extends Socket {

    NetpollSocket(OutboundSocketImpl impl) throws SocketException {
        super(impl);
    }
}
