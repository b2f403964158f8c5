package dev.netpoll.tomcat;

/**
 * Which end of the client's stream cancels the request that is being served.
 *
 * <p>A FIN says that the client sends no more. Most clients that send one have closed the connection;
 * some have only shut down their sending side and wait for the response. A FIN that comes with the
 * request ({@link ContextSettings#halfClose}) is taken for the latter and cancels nothing. Whatever the
 * setting, what the handler returns is written unless the client has reset the connection.
 */
public enum PeerClose {
    /** FIN or RST. */
    FIN,
    /** RST only: for clients that half-close later than with their request and wait. */
    RST,
    /** Neither: requests run to their end. */
    IGNORE
}
