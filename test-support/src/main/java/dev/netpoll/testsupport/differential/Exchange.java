// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.io.IOException;

import javax.net.ssl.SSLContext;

/** One case on one connection. One thread. */
interface Exchange extends AutoCloseable {

    /** How long the server may take to say more, or to end. */
    int PATIENCE_MILLIS = 10_000;

    /** A connection to {@code server} for {@code sent}, over TLS where the server has it. */
    static Exchange open(Server server, Case sent) throws IOException {
        SSLContext tls = server.tls();
        return tls == null
                ? new PlainExchange(server.port())
                : TlsExchange.open(server.port(), tls, TlsManner.of(sent));
    }

    /** Sends it in one piece. Quietly nothing, once the server takes no more. */
    void write(byte[] piece);

    /** Ends this side. */
    void end(Case.Ending ending) throws IOException;

    /** Reads until the server's side ends. */
    Outcome outcome();

    @Override
    void close() throws IOException;
}
