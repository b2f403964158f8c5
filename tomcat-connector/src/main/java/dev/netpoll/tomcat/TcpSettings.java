// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.io.SocketOption;

import java.net.SocketException;
import java.util.EnumMap;
import java.util.Map;

/**
 * Options of tcp(7) that Tomcat has no attributes for. Linux hands what is set on a listener on to what it accepts. Set before the
 * start, by one thread.
 */
final class TcpSettings {

    private final Map<SocketOption, Integer> values = new EnumMap<>(SocketOption.class);

    /** Negative for the kernel's own value. */
    void set(SocketOption option, int value) {
        if (value < 0) {
            values.remove(option);
        } else {
            values.put(option, value);
        }
    }

    /** Whether anything is set that means nothing without SO_KEEPALIVE. */
    boolean tunesKeepAlive() {
        return values.containsKey(SocketOption.TCP_KEEPIDLE)
                || values.containsKey(SocketOption.TCP_KEEPINTVL)
                || values.containsKey(SocketOption.TCP_KEEPCNT);
    }

    /**
     * Sets them.
     *
     * @throws SocketException when the kernel refuses one
     */
    void applyTo(NetpollListener listener) throws SocketException {
        for (Map.Entry<SocketOption, Integer> each : values.entrySet()) {
            if (!listener.setOption(each.getKey(), each.getValue())) {
                throw new SocketException(
                        "The kernel refuses %s=%d".formatted(each.getKey(), each.getValue()));
            }
        }
    }
}
