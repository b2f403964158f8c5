// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.web.ProblemResponse;

import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * What carries one request and its response, as the request's context sees it: a connection of HTTP/1.1 ({@link
 * ConnectionExchange}) or a stream of HTTP/2 ({@link StreamExchange}).
 *
 * <p>On the handler's thread, except for the methods that say otherwise.
 */
sealed interface Exchange permits ConnectionExchange, StreamExchange {

    /** Decides who answers. Any thread. */
    ResponseGate gate();

    /** The number of the loop. */
    int loop();

    /** The request begins: whether its client leaves is told to it from now on. */
    void begin(TomcatRequestContext request, Response response);

    /** The request is over; nothing more is told to it. */
    void callOff();

    /** Whether the client has got the beginning of a response. Any thread. */
    boolean hasResponse();

    /** The request is cancelled: what waits for its body waits no longer. Any thread; must not block. */
    void failReads();

    /**
     * Sends {@code problem} in the handler's stead if nothing of the handler's has left, else cuts the response off.
     * Any thread that may block.
     *
     * @return false when the response had been decided otherwise before
     */
    boolean answer(ProblemResponse problem);

    /**
     * As {@link #answer}, on the writer's thread, which is about to send the response's first byte and has asked the
     * gate.
     */
    void answerLate(ProblemResponse problem);

    /** Has the response end where it is. */
    void abort(Response response, IOException why);

    /** Fails the asynchronous request, if it is still under way. Any thread. */
    void failAsync(TomcatRequestContext request, IOException cause);

    /** How many nanoseconds threads have waited here for the client's bytes. */
    long readWaited();

    /** How many nanoseconds threads have waited here for room to write. */
    long writeWaited();

    /** What the request's thread waits for; null for nothing known. Any thread. */
    @Nullable HandlerWait waitsFor();
}
