// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The responses that the connector sends by itself, past the processor: in a handler's stead, and the
 * interim response that asks whether a client still reads. Each passes the connection's {@link ResponseGate}.
 * From any thread.
 */
record ConnectorAnswer(NetpollConnection connection, ByteStream stream, ResponseGate gate) {

    private static final Log LOG = LogFactory.getLog(ConnectorAnswer.class);

    private static final byte[] INTERIM =
            "HTTP/1.1 100 \r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    /**
     * Sends {@code response} in the handler's stead if nothing of the handler's has left, and ends the
     * connection either way. The handler's next read or write fails.
     *
     * @return false when the response had been decided otherwise before
     */
    boolean sendAndCut(byte[] response) {
        switch (gate.takeOver()) {
            case OPEN -> {
                send(response);
                return true;
            }
            case SENT -> {
                connection.shutdownBoth();
                return true;
            }
            case ENDED, ASKING, ANSWERING, CUT -> {
                return false;
            }
        }
        throw new AssertionError("unreachable: the switch is exhaustive");
    }

    /** The gate is OPEN only while nothing is owed to the client: see {@link NetpollSocketWrapper#settle}. */
    private void send(byte[] response) {
        try {
            stream.tryWrite(ByteBuffer.wrap(response));
            stream.endOutput();
            connection.shutdownWrite();
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client did not wait for the answer", e);
        } finally {
            gate.answered();
        }
    }

    /**
     * Sends an interim response if nothing of the handler's has left: a client that is gone resets the
     * connection, one that has only stopped sending discards it (RFC 9110, 15.2.1).
     */
    void askWhetherRead() {
        if (!gate.ask()) {
            return; // what has left of the response asks the same
        }
        ByteBuffer interim = ByteBuffer.wrap(INTERIM);
        try {
            stream.tryWrite(interim);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client is gone", e);
        } finally {
            gate.asked();
        }
        if (interim.hasRemaining() && interim.position() > 0) {
            connection.shutdownBoth(); // half of it would spoil the response
        }
    }
}
