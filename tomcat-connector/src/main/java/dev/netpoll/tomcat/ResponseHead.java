// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.CloseNowException;
import org.apache.coyote.Response;
import org.apache.coyote.http11.HeadersTooLargeException;
import org.apache.coyote.http11.Http11OutputBuffer;
import org.apache.coyote.http11.Http11Processor;
import org.apache.coyote.http11.OutputFilter;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Tomcat's output of a processor with a head that is as large as it has to be, and whose strings are written without an
 * encoder for each (decision 25). Tomcat makes 8 KiB for it in every processor.
 *
 * <p>The processor's field is private and final. It is set where Java lets it be, before the processor is used; where not,
 * the processor keeps Tomcat's. Writer's thread.
 */
final class ResponseHead extends Http11OutputBuffer {

    private static final StringManager MESSAGES =
            StringManager.getManager(Http11OutputBuffer.class);

    private static final int SMALL = 256;

    /** As much is kept for the next response. */
    private static final int KEPT = 1024;

    /** Of those that Tomcat puts behind what it has checked. */
    private static final int SEPARATORS = 4;

    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.ISO_8859_1);

    private static final @Nullable FinalField OUTPUT =
            FinalField.of(Http11Processor.class, "outputBuffer", Http11OutputBuffer.class);

    private final int most;

    private byte[] head = new byte[SMALL];
    private int length;

    private ResponseHead(Response response, int most) {
        super(response, 0);
        this.most = most;
    }

    /** In a processor that has not been used. {@code most}: bytes of a head. */
    static void installIn(Http11Processor fresh, Response response, int most) {
        if (OUTPUT == null) {
            return;
        }
        Http11OutputBuffer made = (Http11OutputBuffer) OUTPUT.get(fresh);
        ResponseHead own = new ResponseHead(response, most);
        for (OutputFilter filter : made.getFilters()) {
            own.addFilter(filter);
        }
        OUTPUT.set(fresh, own);
        response.setOutputBuffer(own);
    }

    /** The first of every head: what is left of one that could not be written goes. */
    @Override
    public void sendStatus(int status) {
        length = 0;
        write(VERSION);
        String digits = Integer.toString(status);
        checkRoom(digits.length());
        for (int i = 0; i < digits.length(); i++) {
            put(digits.charAt(i));
        }
        put(' ');
        endHeaders();
    }

    @Override
    public void sendHeader(MessageBytes name, MessageBytes value) {
        write(name);
        put(':');
        put(' ');
        write(value);
        endHeaders();
    }

    @Override
    public void endHeaders() {
        put('\r');
        put('\n');
    }

    @Override
    public void write(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    private void write(byte[] bytes, int from, int count) {
        checkRoom(count);
        System.arraycopy(bytes, from, head, length, count);
        length += count;
    }

    private void write(MessageBytes text) {
        String plain = text.getType() == MessageBytes.T_STR ? text.getString() : null;
        if (plain != null && text.getCharset() == StandardCharsets.ISO_8859_1 && write(plain)) {
            return;
        }
        boolean bytes = text.getType() == MessageBytes.T_BYTES;
        text.toBytes(); // throws for what has no byte
        ByteChunk chunk = text.getByteChunk();
        int from = length;
        write(chunk.getBytes(), chunk.getStart(), chunk.getLength());
        for (int i = from; i < length && !bytes; i++) {
            head[i] = isControl(head[i] & 0xFF) ? (byte) ' ' : head[i];
        }
    }

    /** False, with nothing written, where a character is none of the charset's. */
    private boolean write(String text) {
        int count = text.length();
        checkRoom(count);
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c > 0xFF) {
                return false;
            }
            head[length + i] = (byte) (isControl(c) ? ' ' : c);
        }
        length += count;
        return true;
    }

    /** A tab is none. */
    private static boolean isControl(int c) {
        return (c < ' ' && c != '\t') || c == 127;
    }

    private void put(char c) {
        head[length++] = (byte) c;
    }

    private void checkRoom(int count) {
        int needed = length + count + SEPARATORS;
        if (needed > most) {
            throw new HeadersTooLargeException(
                    MESSAGES.getString("iob.responseheadertoolarge.error"));
        }
        if (needed + SEPARATORS > head.length) {
            head = Arrays.copyOf(head, Math.max(2 * head.length, needed + SEPARATORS));
        }
    }

    @Override
    protected void writeHeaders() throws IOException {
        if (length == 0) {
            return;
        }
        ByteBuffer whole = ByteBuffer.wrap(head, 0, length);
        try {
            SocketWrapperBase<?> connection = socketWrapper;
            if (connection == null) {
                throw new CloseNowException(MESSAGES.getString("iob.failedwrite"));
            }
            connection.write(isBlocking(), whole);
        } finally {
            length = 0;
        }
    }

    @Override
    public void nextRequest() {
        super.nextRequest();
        length = 0;
        if (head.length > KEPT) {
            head = new byte[SMALL];
        }
    }
}
