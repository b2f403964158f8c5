// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/** The kinds of internet sockets that this JVM uses. */
enum IpStack {

    /** IPv4 alone: an IPv6 address can be neither listened on nor connected to. */
    IPV4,

    /** IPv6, whose wildcard address takes IPv4 as well. */
    DUAL;

    /**
     * The JDK's own choice for its sockets, made once when the JVM starts: {@link #IPV4} for {@code
     * java.net.preferIPv4Stack}, and where no interface of the host has an IPv6 address.
     */
    static IpStack ofTheJdk() {
        return OfTheJdk.CHOICE;
    }

    /** Asked, not read from the property: so the JDK's rules are written down in one place, the JDK. */
    private static final class OfTheJdk {

        static final IpStack CHOICE = ask();

        private static IpStack ask() {
            try {
                SocketChannel.open(StandardProtocolFamily.INET6).close();
                return DUAL;
            } catch (UnsupportedOperationException e) {
                return IPV4;
            } catch (IOException e) {
                return DUAL; // no descriptor is left; it had looked at the family before
            }
        }
    }

    boolean hasSocketsFor(SocketAddress address) {
        return this == DUAL
                || !(address instanceof InetSocketAddress inet)
                || !(inet.getAddress() instanceof Inet6Address);
    }

    /** Why {@link #hasSocketsFor} says no. */
    static String obstacle() {
        return "This JVM has IPv4 sockets only, because of -Djava.net.preferIPv4Stack=true or"
                + " because no interface of this host has an IPv6 address";
    }
}
