// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.OutputBuffer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

/**
 * Puts requests and responses of our own in the place of Catalina's, where its adapter looks for them (decisions 9 and
 * 25). One for each protocol: from the first request of all it learns the connector. A connector that makes requests or
 * responses of its own keeps them. Any thread.
 */
final class RequestMaker {

    /** Makes neither requests nor responses of its own; null until it is known. */
    private volatile @Nullable Connector plain;

    /** Before Catalina would make them. */
    void prepare(org.apache.coyote.Request coyote) {
        Connector known = plain;
        if (known != null && coyote.getNote(CoyoteAdapter.ADAPTER_NOTES) == null) {
            install(coyote, new NetpollRequest(known, coyote), response(known, coyote));
        }
    }

    /** Between two requests: what Catalina made for the first is replaced for all that follow. */
    void replace(org.apache.coyote.Request coyote) {
        if (!(coyote.getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request made)
                || made.getClass() != Request.class) {
            return;
        }
        Connector connector = made.getConnector();
        boolean plainResponse = made.getResponse().getClass() == Response.class;
        Response response =
                plainResponse
                        ? response(connector, coyote)
                        : connector.createResponse(coyote.getResponse());
        install(coyote, new NetpollRequest(connector, coyote), response);
        if (plainResponse) {
            plain = connector;
        }
    }

    private static Response response(Connector connector, org.apache.coyote.Request coyote) {
        int asked = connector.getProtocolHandler().getDesiredBufferSize();
        boolean usual = asked <= 0 || asked == OutputBuffer.DEFAULT_BUFFER_SIZE;
        return usual
                ? new NetpollResponse(coyote.getResponse())
                : connector.createResponse(coyote.getResponse());
    }

    private static void install(
            org.apache.coyote.Request coyote, Request request, Response response) {
        request.setResponse(response);
        response.setRequest(request);
        coyote.setNote(CoyoteAdapter.ADAPTER_NOTES, request);
        coyote.getResponse().setNote(CoyoteAdapter.ADAPTER_NOTES, response);
    }
}
