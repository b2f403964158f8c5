// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.util.Optional;

/**
 * The fields of Tomcat's WebSocket implementation that {@link IdleWebSocket} sets, by their names: its jar need not be
 * there. Where one of them is not, or is out of reach as on a module path that does not open its package, every session keeps
 * its buffers.
 *
 * <p>The buffer of what was read is final: see {@link FinalField}.
 */
final class TomcatFrames {

    private static final Log LOG = LogFactory.getLog(TomcatFrames.class);

    private static final String HANDLER = "org.apache.tomcat.websocket.server.WsHttpUpgradeHandler";

    /** Of a parser that has read nothing of a frame. */
    private static final String NO_FRAME_BEGUN = "NEW_FRAME";

    private static final ClassValue<Optional<TomcatFrames>> OF_HANDLER =
            new ClassValue<>() {
                @Override
                protected Optional<TomcatFrames> computeValue(Class<?> type) {
                    return find(type);
                }
            };

    private final VarHandle frame;
    private final VarHandle state;
    private final VarHandle continuation;
    private final VarHandle text;
    private final VarHandle binary;
    private final VarHandle input;

    /** The same, to be set. */
    private final @Nullable FinalField settableInput;

    private TomcatFrames(Class<?> handler) throws ReflectiveOperationException {
        Field ofHandler = handler.getDeclaredField("wsFrame");
        Class<?> frames = ofHandler.getType().getSuperclass();
        this.frame =
                MethodHandles.privateLookupIn(handler, MethodHandles.lookup())
                        .unreflectVarHandle(ofHandler);
        var lookup = MethodHandles.privateLookupIn(frames, MethodHandles.lookup());
        this.state = lookup.unreflectVarHandle(frames.getDeclaredField("state"));
        this.continuation = lookup.findVarHandle(frames, "continuationExpected", boolean.class);
        this.text = lookup.findVarHandle(frames, "messageBufferText", CharBuffer.class);
        this.binary = lookup.findVarHandle(frames, "messageBufferBinary", ByteBuffer.class);
        this.input = lookup.findVarHandle(frames, "inputBuffer", ByteBuffer.class);
        this.settableInput = FinalField.of(frames, "inputBuffer", ByteBuffer.class);
    }

    /** Of the class of a connection's upgrade handler; null where it is not Tomcat's for WebSocket, or has no such fields. */
    static @Nullable TomcatFrames of(Class<?> handler) {
        return HANDLER.equals(handler.getName()) ? OF_HANDLER.get(handler).orElse(null) : null;
    }

    private static Optional<TomcatFrames> find(Class<?> handler) {
        try {
            return Optional.of(new TomcatFrames(handler));
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("Idle WebSocket sessions keep their buffers", e);
            return Optional.empty();
        }
    }

    /** What reads frames for that handler; null while it has not begun. */
    @Nullable Object frame(Object handler) {
        return frame.get(handler);
    }

    /** Whether nothing has been read of the next message, nor of a control frame. */
    boolean isBetweenMessages(Object of) {
        return NO_FRAME_BEGUN.equals(String.valueOf(state.get(of)))
                && !(boolean) continuation.get(of)
                && !input(of).hasRemaining();
    }

    /** Of what was read. */
    ByteBuffer input(Object of) {
        return (ByteBuffer) input.get(of);
    }

    /** Of a text message. */
    CharBuffer text(Object of) {
        return (CharBuffer) text.get(of);
    }

    /** Of a binary message, or of a text's bytes. */
    ByteBuffer binary(Object of) {
        return (ByteBuffer) binary.get(of);
    }

    void set(Object of, ByteBuffer newInput, CharBuffer newText, ByteBuffer newBinary) {
        if (settableInput != null) {
            settableInput.set(of, newInput);
        }
        text.set(of, newText);
        binary.set(of, newBinary);
    }
}
