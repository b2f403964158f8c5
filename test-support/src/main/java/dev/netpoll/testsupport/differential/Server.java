// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import org.jspecify.annotations.Nullable;

import javax.net.ssl.SSLContext;

/**
 * One of the servers that are compared.
 *
 * @param name what it is, for reports
 * @param port where it listens on the loopback
 * @param closesInOrder whether it ends every connection with FIN, whatever the client still sends
 * @param tls what its clients speak TLS with; null where it is plain, or where raw bytes are sent all the same
 */
public record Server(String name, int port, boolean closesInOrder, @Nullable SSLContext tls) {

    /** A plain one. */
    public Server(String name, int port, boolean closesInOrder) {
        this(name, port, closesInOrder, null);
    }

    /** The same, to which its clients speak TLS. */
    public Server over(SSLContext context) {
        return new Server(name, port, closesInOrder, context);
    }
}
