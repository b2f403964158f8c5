package dev.netpoll.tomcat;

/** What counts as a client that has left while its request is being served. */
public enum PeerClose {
    /** FIN or RST: the client closed, or at least will not send any more. */
    FIN,
    /** RST only: for clients that half-close and still wait for the response. */
    RST,
    /** Nothing: requests run to their end. */
    IGNORE
}
