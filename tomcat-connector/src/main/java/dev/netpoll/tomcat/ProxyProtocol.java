// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Whose connections begin with a header of the PROXY protocol, and how long it may take. Immutable.
 *
 * @param trusted the proxies' addresses
 * @param timeoutMillis from the accept to the header's last byte
 */
record ProxyProtocol(List<AddressBlock> trusted, int timeoutMillis) {

    /** From nobody. */
    static final ProxyProtocol OFF = new ProxyProtocol(List.of(), 5_000);

    /**
     * @param addresses addresses and blocks of them, with commas between; empty for none
     * @throws IllegalArgumentException when one is neither
     */
    ProxyProtocol trusting(String addresses) {
        return new ProxyProtocol(
                Arrays.stream(addresses.split(","))
                        .map(String::strip)
                        .filter(each -> !each.isEmpty())
                        .map(AddressBlock::of)
                        .toList(),
                timeoutMillis);
    }

    ProxyProtocol within(int millis) {
        return new ProxyProtocol(trusted, millis);
    }

    /**
     * The header to be read of {@code connection}; null where none is expected. Over a Unix domain socket it is, if it is of
     * anybody: who may connect there is a matter of the file's permissions.
     */
    @Nullable ProxyPreamble preamble(NetpollConnection connection) {
        if (trusted.isEmpty()) {
            return null;
        }
        boolean expected =
                !(connection.remoteAddress() instanceof InetSocketAddress remote)
                        || trusted.stream().anyMatch(block -> block.contains(remote.getAddress()));
        return expected ? new ProxyPreamble(connection, timeoutMillis) : null;
    }
}
