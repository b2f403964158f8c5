// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

/**
 * Which kind of close by the client cancels the request that is being served.
 *
 * <p>A FIN says that the client sends no more. Most clients that send one have closed the connection;
 * some have only shut down their sending side and wait for the response, mostly together with their
 * request. The connector finds out which by an interim response (100), when the handler has not
 * answered 10 ms later: a client that is gone resets the connection. A client of HTTP/1.0, which knows no
 * interim responses, is believed. Whatever the setting, what the handler returns is written unless the
 * client has reset the connection.
 */
public enum PeerClose {
    /** FIN or RST; a FIN that comes with the request only if the client does not read. */
    FIN,
    /** RST only: for clients that half-close later than with their request and wait. */
    RST,
    /** Neither: requests run to their end. */
    IGNORE
}
