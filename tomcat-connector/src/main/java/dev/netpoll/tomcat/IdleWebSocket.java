// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeToken;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;

/**
 * What the WebSocket session of a connection keeps for its client's next message, in Tomcat's implementation: a buffer
 * of 8 KiB for bytes that have been read, one for a text message of 16 KiB and one for a binary one of 8 KiB, or as large
 * as the application allows messages to be. All are empty between two messages, and most sessions are between two
 * messages most of the time.
 *
 * <pre>
 * held    → let go   {@link #look}, when nothing has come since the look before and no message has begun
 * let go  → held     {@link #hold}, before Tomcat's implementation reads
 * </pre>
 *
 * <p>The buffers for what is sent stay: any thread may send. Under the lock of the connection's wrapper.
 */
final class IdleWebSocket {

    private static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);
    private static final CharBuffer NO_CHARS = CharBuffer.allocate(0);

    private final TomcatFrames frames;
    private final Object frame;

    /** What had come by the look before. */
    private long received;

    /** Capacities of what was let go of; in bytes, in characters, in bytes. */
    private int input;

    private int text;
    private int binary;

    private boolean letGo;

    private IdleWebSocket(TomcatFrames frames, Object frame, long received) {
        this.frames = frames;
        this.frame = frame;
        this.received = received;
    }

    /**
     * Of what {@code processor} serves.
     *
     * @param received how many bytes have come on its connection
     * @return null where that is no WebSocket of Tomcat's, or its fields are out of reach
     */
    static @Nullable IdleWebSocket of(Processor processor, long received) {
        UpgradeToken token = processor.getUpgradeToken();
        if (token == null) {
            return null;
        }
        TomcatFrames frames = TomcatFrames.of(token.httpUpgradeHandler().getClass());
        if (frames == null) {
            return null;
        }
        Object frame = frames.frame(token.httpUpgradeHandler());
        return frame == null ? null : new IdleWebSocket(frames, frame, received);
    }

    /** Lets go of the buffers, unless something has come since the look before. */
    void look(long receivedByNow) {
        boolean quiet = receivedByNow == received;
        received = receivedByNow;
        if (quiet && !letGo && frames.isBetweenMessages(frame)) {
            input = frames.input(frame).capacity();
            text = frames.text(frame).capacity();
            binary = frames.binary(frame).capacity();
            frames.set(frame, NO_BYTES, NO_CHARS, NO_BYTES);
            letGo = true;
        }
    }

    /** Has the buffers again, as large as they were. */
    void hold() {
        if (letGo) {
            frames.set(
                    frame,
                    ByteBuffer.allocate(input).limit(0),
                    CharBuffer.allocate(text),
                    ByteBuffer.allocate(binary));
            letGo = false;
        }
    }
}
