// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a connection as HTTP reads and writes them: the socket's own ({@link PlainStream}), or what TLS
 * makes of them ({@link TlsStream}). Nothing here waits for the peer.
 *
 * <p>One reader at a time. Of the writing methods those that say so are for any thread.
 */
sealed interface ByteStream permits PlainStream, TlsStream {

    /** Reads what is there: 0 for nothing now, -1 at the end of the stream. An event tells of what comes later. */
    int tryRead(ByteBuffer to) throws IOException;

    /** As {@link #tryRead}, after a wait that found the socket readable: a deadline passed since is no matter. */
    int readReady(ByteBuffer to) throws IOException;

    /** Whether bytes are here that have left the socket already, so that no event tells of them. */
    boolean holdsUnread();

    /** No thread reads until more comes: gives back the buffers that are not needed until then. */
    void rest();

    /**
     * Sends what the socket takes now of what was taken in before and of {@code from}.
     *
     * @return true when everything has left; false when an event will tell of room
     */
    boolean tryWrite(ByteBuffer from) throws IOException;

    /**
     * Does now what a carrier must not do at the end of its batch, so that it has only to send.
     *
     * @param put in the state for putting: what is taken of it is no longer there
     * @return false when what is left of it has to be sent by {@link #tryWrite} at once
     */
    boolean prepare(ByteBuffer put) throws IOException;

    /** Whether a carrier may send by {@link #tryWrite}; else only what {@link #prepare} has made ready. */
    boolean sendsOnCarrier();

    /** Sends what was taken in before and has not left. Any thread. */
    boolean tryFlush() throws IOException;

    /** As {@link #tryFlush}, on a carrier: answers false rather than wait for a thread that sends. */
    boolean tryFlushOnCarrier() throws IOException;

    /** Whether all that was taken in has left. */
    boolean isFlushed();

    /** Says, where the protocol has words for it, that nothing more is sent. Any thread, more than once. */
    void endOutput();

    /** The peer's FIN is known to have come where the protocol has it say more first. Any thread. */
    boolean endsUnannounced();
}
