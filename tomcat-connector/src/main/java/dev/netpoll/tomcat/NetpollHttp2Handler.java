// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.http2.Http2AsyncUpgradeHandler;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/2 connection, which tells the requests of its streams when their client resets or leaves them.
 *
 * <p>The frames come on the connection's virtual thread. Tomcat's exceptions for them are not public: they pass through
 * here undeclared.
 */
final class NetpollHttp2Handler extends Http2AsyncUpgradeHandler {

    private static final Log LOG = LogFactory.getLog(NetpollHttp2Handler.class);

    private final Http2Streams streams;

    NetpollHttp2Handler(
            Http2Protocol settings,
            Adapter adapter,
            @Nullable Request first,
            NetpollSocketWrapper connection,
            Http2Streams streams) {
        super(settings, adapter, first, connection);
        this.streams = streams;
        streams.handledBy(this);
    }

    /** RST_STREAM has come. */
    @Override
    public void reset(int stream, long error) {
        streams.resetByClient(stream, error);
        tellTomcat(stream, error);
    }

    /** GOAWAY has come: Tomcat closes the connection. */
    @Override
    public void goaway(int lastStream, long error, String text) {
        streams.goneAway(error);
        super.goaway(lastStream, error, text);
    }

    private void tellTomcat(int stream, long error) {
        try {
            super.reset(stream, error);
        } catch (Exception e) {
            throw NetpollHttp2Handler.<RuntimeException>undeclared(e);
        }
    }

    /** How many streams are open. Any thread. */
    int activeStreams() {
        return activeRemoteStreamCount.get();
    }

    /**
     * Takes {@code bytes} out of the windows of the connection and of {@code stream}, on which nothing else is sent; false
     * when they have no room. Any thread.
     */
    boolean takeWindow(int stream, int bytes) {
        Http2Windows windows = Http2Windows.ofTomcat();
        if (windows == null) {
            return false;
        }
        windowAllocationLock.lock();
        try {
            return windows.take(this, stream, bytes);
        } finally {
            windowAllocationLock.unlock();
        }
    }

    /** The connector has ended the stream: for Tomcat it is as if the client had. Any thread. */
    void end(int stream) {
        try {
            super.reset(stream, Http2Frames.CANCEL);
        } catch (Exception e) {
            LOG.debug("Stream " + stream + " has ended before the connector ended it", e);
        }
    }

    @SuppressWarnings("unchecked") // by design: the type is inferred away
    private static <E extends Exception> E undeclared(Exception e) throws E {
        throw (E) e;
    }
}
