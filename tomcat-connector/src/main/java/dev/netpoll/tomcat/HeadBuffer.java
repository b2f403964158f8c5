// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.Request;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * The buffer into which a processor reads the heads of requests, which stay in it as long as the request, and their
 * bodies. It begins small and grows, at once, to what Tomcat's settings ask for when a request needs more (decision 25).
 *
 * <pre>
 * none, small → lent      {@link #attach}: Tomcat would make one of the whole size where it finds a smaller one
 * lent → small            {@link #roomIn}, by the first read
 * small → whole           {@link #roomIn}, by a later read, unless the rest of the body fits;
 *                         {@link #attach}, between two parts of a head
 * whole → lent            {@link #attach}, when the requests before have not needed it
 * </pre>
 *
 * <p>Nothing is read into what is lent. On the thread that processes the connection.
 */
final class HeadBuffer {

    private static final int SMALL = 2048;

    private final Request request;
    private final ApplicationBufferHandler processor;

    /** Of the whole size, for Tomcat to look at. */
    private final ByteBuffer lent;

    /** Kept for the next request. */
    private @Nullable ByteBuffer small;

    /** The furthest byte that was read since the buffer was attached. */
    private int reached;

    /** The application has the request: its head is parsed. */
    private boolean inBody;

    /** {@code room}: of the whole size; shared, since nothing is written there. */
    HeadBuffer(Request request, byte[] room) {
        this.request = request;
        this.processor = (ApplicationBufferHandler) request.getInputBuffer();
        this.lent = ByteBuffer.wrap(room);
    }

    /** Before {@code reader}, if it is the processor, looks whether its buffer has the whole size. */
    void attach(ApplicationBufferHandler reader) {
        if (reader != processor) {
            return;
        }
        ByteBuffer now = processor.getByteBuffer();
        boolean empty = now == null || now.limit() == 0;
        if (!empty) {
            grow(now, false);
        } else if (now == null || isSmall(now) || reached <= SMALL) {
            processor.setByteBuffer(lent.limit(0));
        }
        reached = 0;
    }

    private boolean isSmall(ByteBuffer buffer) {
        return buffer.capacity() < lent.capacity();
    }

    /** Catalina has the request, or has it no longer. */
    void inBody(boolean now) {
        inBody = now;
    }

    /** Where to read when the processor wants to read into {@code wanted}, which may be another reader's. */
    ByteBuffer roomIn(ByteBuffer wanted) {
        if (wanted != processor.getByteBuffer()) {
            return wanted;
        }
        if (wanted == lent) {
            return replace(smallOne());
        }
        boolean first = wanted.position() == 0;
        return first || restFits(wanted) ? wanted : grow(wanted, true);
    }

    private boolean restFits(ByteBuffer wanted) {
        long body = inBody ? request.getContentLengthLong() : -1;
        return 0 <= body && body <= wanted.remaining();
    }

    /** Something was read into {@code buffer}. */
    void read(ByteBuffer buffer) {
        reached = Math.max(reached, buffer.position());
    }

    private ByteBuffer smallOne() {
        ByteBuffer kept = small;
        if (kept == null) {
            kept = ByteBuffer.allocate(Math.min(SMALL, lent.capacity()));
            small = kept;
        }
        return kept.clear();
    }

    /** With the same bytes; at its end, the limit goes along with the capacity where {@code reading}. */
    private ByteBuffer grow(ByteBuffer buffer, boolean reading) {
        if (!isSmall(buffer)) {
            return buffer;
        }
        ByteBuffer whole = ByteBuffer.allocate(lent.capacity());
        whole.put(0, buffer.array(), 0, buffer.capacity());
        whole.limit(reading ? whole.capacity() : buffer.limit()).position(buffer.position());
        return replace(whole);
    }

    private ByteBuffer replace(ByteBuffer by) {
        processor.setByteBuffer(by);
        return by;
    }
}
