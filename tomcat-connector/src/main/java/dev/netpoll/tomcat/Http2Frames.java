// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.web.ProblemResponse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The few frames of HTTP/2 that the connector makes by itself (RFC 9113, 6). Their header blocks are literals that no
 * table remembers (RFC 7541, 6.2.2), so they may come between any two that Tomcat's encoder has made.
 */
final class Http2Frames {

    static final int NO_ERROR = 0;
    static final int CANCEL = 8;

    /** Of every frame's head. */
    static final int HEAD_BYTES = 9;

    private static final int TYPE_AT = 3;
    private static final int STREAM_AT = 5;
    private static final byte DATA = 0;
    private static final byte HEADERS = 1;
    private static final byte RST_STREAM = 3;
    private static final byte END_STREAM = 1;
    private static final byte END_HEADERS = 4;

    /** The places of {@code :status}, {@code content-type} and {@code content-length} in the static table. */
    private static final byte[] STATUS = {8};

    private static final byte[] CONTENT_TYPE = {15, 31 - 15};

    private static final byte[] CONTENT_LENGTH = {15, 28 - 15};

    private static final String[] ERRORS = {
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED"
    };

    private Http2Frames() {}

    /** The name of an error code, or its number where it has none. */
    static String nameOf(long error) {
        return error >= 0 && error < ERRORS.length ? ERRORS[(int) error] : Long.toString(error);
    }

    /** Ends {@code stream} at once. */
    static byte[] reset(int stream, int error) {
        return frame(RST_STREAM, 0, stream, 4).putInt(error).array();
    }

    /**
     * A whole response, and that nothing more is wanted of the request.
     *
     * @param withBody whether its body leaves too, which the windows of the flow control must have room for
     * @param toHead whether it tells the length of a body that does not come because none was asked for
     */
    static byte[] refusal(int stream, ProblemResponse problem, boolean withBody, boolean toHead) {
        byte[] body = problem.body();
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, STATUS, Integer.toString(problem.status()));
        if (withBody || toHead) {
            field(block, CONTENT_TYPE, ProblemResponse.CONTENT_TYPE);
        }
        field(block, CONTENT_LENGTH, Integer.toString(withBody || toHead ? body.length : 0));
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        int flags = withBody ? END_HEADERS : END_STREAM | END_HEADERS;
        frames.writeBytes(
                frame(HEADERS, flags, stream, block.size()).put(block.toByteArray()).array());
        if (withBody) {
            frames.writeBytes(frame(DATA, END_STREAM, stream, body.length).put(body).array());
        }
        frames.writeBytes(reset(stream, NO_ERROR));
        return frames.toByteArray();
    }

    private static void field(ByteArrayOutputStream block, byte[] name, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        block.writeBytes(name);
        block.write(bytes.length); // less than 127
        block.writeBytes(bytes);
    }

    private static ByteBuffer frame(byte type, int flags, int stream, int length) {
        return ByteBuffer.allocate(HEAD_BYTES + length)
                .put((byte) (length >> 16))
                .putShort((short) length)
                .put(type)
                .put((byte) flags)
                .putInt(stream);
    }

    /** The stream whose header block {@code head}, a frame's nine bytes, begins; 0 for any other frame. */
    static int streamOfHeaders(ByteBuffer head) {
        int at = head.position();
        return head.remaining() == HEAD_BYTES && head.get(at + TYPE_AT) == HEADERS
                ? head.getInt(at + STREAM_AT)
                : 0;
    }
}
