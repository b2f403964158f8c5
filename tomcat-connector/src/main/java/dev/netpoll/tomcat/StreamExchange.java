// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.web.ProblemResponse;

import org.apache.coyote.ActionCode;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * A request of HTTP/2, on a stream of a connection that it shares with others.
 *
 * <pre>
 * made        a thread begins to serve the stream
 * → open      the request's context begins: from now on a reset of the stream cancels it
 * → left      the client has reset the stream, or the connection is gone; or the connector has reset it
 * → over      the request's context has ended
 * </pre>
 *
 * <p>Whatever ends it early ends this stream alone: by a response of the connector's, and by RST_STREAM.
 */
final class StreamExchange implements Exchange {

    /** Of the coyote request's attributes. */
    private static final String ATTRIBUTE = StreamExchange.class.getName();

    private final Http2Streams streams;
    private final int id;
    private final Response response;
    private final ResponseGate gate = new ResponseGate();

    /** The thread in the handler; null for none. Written by it, read by observers. */
    private volatile @Nullable Thread serving;

    /** Set once, when the context begins. Any thread. */
    private volatile @Nullable TomcatRequestContext scope;

    /** Tomcat knows, or is about to know, that nothing more can be sent. Any thread. */
    private volatile boolean left;

    /** Set by the guard within {@link ResponseGate#enter}. Writer only. */
    private byte @Nullable [] lateAnswer;

    StreamExchange(Http2Streams streams, int id, Response response) {
        this.streams = streams;
        this.id = id;
        this.response = response;
    }

    /** The one that carries {@code request}; null where it is not on a stream of ours. */
    static @Nullable StreamExchange of(Request request) {
        return request.getAttribute(ATTRIBUTE) instanceof StreamExchange exchange ? exchange : null;
    }

    void attachTo(Request request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    int id() {
        return id;
    }

    void serving(@Nullable Thread thread) {
        serving = thread;
    }

    /** The thread in the handler; null for none. Any thread. */
    @Nullable Thread thread() {
        return serving;
    }

    /** The request under way; null before it has a context. Any thread. */
    @Nullable TomcatRequestContext request() {
        return scope;
    }

    /** The client is not there for the response. Any thread. */
    void leave(CancelCause cause) {
        left = true;
        TomcatRequestContext request = scope;
        if (request != null) {
            request.cancel(cause);
        }
    }

    // ---- the context's

    @Override
    public ResponseGate gate() {
        return gate;
    }

    @Override
    public int loop() {
        return streams.connection().getSocket().loop();
    }

    @Override
    public void begin(
            TomcatRequestContext request, org.apache.catalina.connector.Response ignored) {
        scope = request;
        CancelCause gone = streams.begin(this);
        if (gone != null) {
            leave(gone);
        }
    }

    @Override
    public void callOff() {
        streams.end(this);
    }

    @Override
    public boolean hasResponse() {
        return response.isCommitted();
    }

    /** The handler's interrupt ends the wait: it is one for a condition, not for the socket. */
    @Override
    public void failReads() {
        // Nothing but the frames of the peer's moves a stream.
    }

    @Override
    public boolean answer(ProblemResponse problem) {
        if (!streams.canEnd()) {
            return false;
        }
        switch (gate.takeOver()) {
            case OPEN -> {
                try {
                    streams.send(refusal(problem));
                } finally {
                    gate.answered();
                }
            }
            case SENT -> streams.send(Http2Frames.reset(id, Http2Frames.CANCEL));
            case ENDED, ASKING, ANSWERING, CUT -> {
                return false;
            }
        }
        cut();
        return true;
    }

    private byte[] refusal(ProblemResponse problem) {
        return streams.refusal(id, problem, "HEAD".equals(response.getRequest().getMethod()));
    }

    /** Has Tomcat take the stream for one that the client has reset: reads and writes of it fail. */
    private void cut() {
        left = true;
        streams.reset(id);
    }

    /**
     * The response's head is about to leave. What has to leave before it, because the request's time is over; null for
     * nothing. The head itself leaves in any case: other streams' heads refer to what it has put into the table of
     * fields. On the writer's thread, as its connection's only writer.
     */
    byte @Nullable [] beforeHead() {
        if (!response.isCommitted() || !streams.canEnd() || gate.enter()) {
            return null; // an interim response, or one in time
        }
        return lateAnswer;
    }

    @Override
    public void answerLate(ProblemResponse problem) {
        switch (gate.takeOver()) {
            case OPEN -> {
                lateAnswer = refusal(problem);
                gate.answered();
                streams.connection().processing().fork(this::cut);
            }
            case SENT, ENDED, ASKING, ANSWERING, CUT -> {}
        }
    }

    @Override
    public void abort(org.apache.catalina.connector.Response catalinas, IOException why) {
        if (!left) {
            response.getRequest().action(ActionCode.CLOSE_NOW, why);
        }
    }

    @Override
    public void failAsync(TomcatRequestContext request, IOException cause) {
        streams.connection()
                .processing()
                .fork(
                        () -> {
                            if (!request.isOver() && streams.canEnd()) {
                                streams.send(Http2Frames.reset(id, Http2Frames.CANCEL));
                                cut();
                            }
                        });
    }

    @Override
    public long readWaited() {
        return 0; // what a stream waits for is seen by Tomcat alone
    }

    @Override
    public long writeWaited() {
        return 0;
    }

    @Override
    public @Nullable HandlerWait waitsFor() {
        Thread thread = serving;
        return thread == null
                ? null
                : new HandlerWait.Finder(streams.connection().getSocket().engine()).of(thread);
    }
}
