// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc.mysql;

import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.protocol.StandardSocketFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;

import javax.net.SocketFactory;

/**
 * Has Connector/J connect by the sockets of a {@link SocketFactory}: the driver's connection property {@code
 * socketFactory} takes no such factory, but the name of a class like this. Addresses, options, time-outs and
 * TLS stay the driver's.
 *
 * <p>The driver makes one of these for each connection, on the thread that opens it.
 */
public final class MysqlSocketFactory extends StandardSocketFactory {

    /** Any thread. */
    private static volatile SocketFactory sockets = SocketFactory.getDefault();

    /** For the driver, which makes it by its class name. */
    public MysqlSocketFactory() {}

    /** Sets the factory for all connections that are opened from now on; the JDK's until then. */
    public static void connectBy(SocketFactory factory) {
        sockets = factory;
    }

    @Override
    protected Socket createSocket(PropertySet properties) {
        try {
            return sockets.createSocket();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
