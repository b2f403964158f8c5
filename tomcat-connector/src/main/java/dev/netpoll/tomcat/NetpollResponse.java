// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletOutputStream;

import org.apache.catalina.connector.CoyoteOutputStream;
import org.apache.catalina.connector.CoyoteWriter;
import org.apache.catalina.connector.OutputBuffer;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintWriter;

/**
 * Catalina's response with buffers that are made when it is written, for what it is written by (decision 25). Catalina
 * makes 24 KiB for each response: 8 of bytes and 16 of characters. A handler that waits has written nothing yet, and
 * one that writes by a stream needs no characters.
 *
 * <pre>
 * begun      → streamed   {@link #getOutputStream}: Catalina's buffer, which grows unless the body is known to fit
 * begun      → written    {@link #getWriter}, {@link #getReporter}: a buffer as Catalina makes it
 * streamed   → written    the same after a reset, or before anything is written; the stream goes along
 * any        → begun      {@link #recycle}; what has grown or was made stays with the processor
 * </pre>
 *
 * <p>On the handler's thread.
 */
final class NetpollResponse extends Response {

    /** Catalina's, which a filter or a handler reads as {@code getBufferSize}. */
    static final int USUAL = OutputBuffer.DEFAULT_BUFFER_SIZE;

    /** Sixteen of these are the usual: Catalina lets go of what is larger between two requests. */
    private static final int SMALL = USUAL / 16;

    /** Goes along when a writer is asked for after a reset. */
    private static final class Stream extends CoyoteOutputStream {
        Stream(OutputBuffer buffer) {
            super(buffer);
        }

        void moveTo(OutputBuffer buffer) {
            ob = buffer;
        }
    }

    /** The writer's. Kept for the next request that has one. */
    private @Nullable OutputBuffer characters;

    private boolean streamed;
    private boolean written;

    /** Of the buffer that the request has, or will have. */
    private int size = USUAL;

    NetpollResponse(org.apache.coyote.Response coyoteResponse) {
        super(coyoteResponse, SMALL);
    }

    // ---- which buffer ---------------------------------------------------------------------------

    private OutputBuffer buffer() {
        OutputBuffer made = characters;
        return written && made != null ? made : outputBuffer;
    }

    private void beginWriting() {
        if (written || !outputBuffer.isNew() || outputBuffer.isClosed()) {
            return;
        }
        OutputBuffer made = characters;
        if (made == null) {
            made = new OutputBuffer(USUAL, coyoteResponse);
            characters = made;
        }
        made.setBufferSize(size);
        made.setSuspended(outputBuffer.isSuspended());
        written = true;
        if (outputStream instanceof Stream stream) {
            stream.moveTo(made);
        }
    }

    private CoyoteWriter writerTo(OutputBuffer buffer) throws IOException {
        buffer.checkConverter();
        CoyoteWriter to = writer;
        if (to == null) {
            to = new CoyoteWriter(buffer);
            writer = to;
        }
        return to;
    }

    /** A body that fits into the small buffer leaves no earlier from it than from the usual one: when it is whole. */
    private void growFor(long length) {
        if (streamed && outputBuffer.isNew() && (length < 0 || length > SMALL)) {
            outputBuffer.setBufferSize(size);
        }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        if (outputStream == null && !usingWriter) {
            outputStream = new Stream(buffer());
            streamed = !written;
            growFor(coyoteResponse.getContentLengthLong());
        }
        return super.getOutputStream(); // throws beside a writer
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        if (usingOutputStream) {
            return super.getWriter(); // throws
        }
        beginWriting();
        if (getRequest().getConnector().getEnforceEncodingInGetWriter()) {
            setCharacterEncoding(getCharacterEncoding());
        }
        usingWriter = true;
        return writerTo(buffer());
    }

    @Override
    @SuppressWarnings("NullAway") // Tomcat's class is not annotated: null for none
    public PrintWriter getReporter() throws IOException {
        if (!buffer().isNew()) {
            return null;
        }
        beginWriting();
        return writerTo(buffer());
    }

    // ---- what Catalina asks its buffer ----------------------------------------------------------

    /** A buffer that is still small has the size that it will have: also where someone else has set another. */
    @Override
    public int getBufferSize() {
        int held = buffer().getBufferSize();
        return held > SMALL ? held : size;
    }

    @Override
    public void setBufferSize(int wanted) {
        if (!buffer().isNew()) {
            throw new IllegalStateException(sm.getString("coyoteResponse.setBufferSize.ise"));
        }
        boolean small = outputBuffer.getBufferSize() <= SMALL;
        super.setBufferSize(
                written || small && !streamed ? 0 : wanted); // throws when it is too late
        if (written) {
            buffer().setBufferSize(wanted);
        }
        size = Math.max(size, wanted);
    }

    @Override
    public void setContentLengthLong(long length) {
        super.setContentLengthLong(length);
        growFor(coyoteResponse.getContentLengthLong());
    }

    @Override
    public void reset() {
        super.reset();
        if (!included) {
            resetBuffers(false);
        }
    }

    @Override
    public void resetBuffer(boolean resetWriterStreamFlags) {
        super.resetBuffer(resetWriterStreamFlags);
        resetBuffers(resetWriterStreamFlags);
    }

    private void resetBuffers(boolean flags) {
        if (written) {
            buffer().reset(flags);
        }
        growFor(coyoteResponse.getContentLengthLong());
    }

    @Override
    public void flushBuffer() throws IOException {
        buffer().flush();
    }

    @Override
    public void finishResponse() throws IOException {
        buffer().close();
    }

    @Override
    public boolean isClosed() {
        return buffer().isClosed();
    }

    @Override
    public void setSuspended(boolean suspended) {
        super.setSuspended(suspended);
        buffer().setSuspended(suspended);
    }

    @Override
    public long getContentWritten() {
        return buffer().getContentWritten();
    }

    @Override
    public long getBytesWritten(boolean flush) {
        if (flush && written) {
            try {
                buffer().flush();
            } catch (IOException e) {
                return coyoteResponse.getBytesWritten(true); // the client is gone, most likely
            }
        }
        return super.getBytesWritten(flush);
    }

    /** Streams and writers are made anew: they are of one buffer or the other. */
    @Override
    public void recycle() {
        super.recycle();
        OutputBuffer made = characters;
        if (made != null) {
            made.recycle();
        }
        streamed = false;
        written = false;
        size = USUAL;
        outputStream = null;
        writer = null;
    }
}
