// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;

import java.io.IOException;

/** A {@link ContextHttpRequest} for a client that can stream a request's body. */
final class StreamingContextHttpRequest extends ContextHttpRequest
        implements StreamingHttpOutputMessage {

    private final StreamingHttpOutputMessage streaming;

    StreamingContextHttpRequest(
            ClientHttpRequest request,
            StreamingHttpOutputMessage streaming,
            ClientKind kind,
            HttpSettings settings) {
        super(request, kind, settings);
        this.streaming = streaming;
    }

    @Override
    public void setBody(Body body) {
        streaming.setBody(body);
    }

    @Override
    public void setBody(byte[] body) throws IOException {
        streaming.setBody(body);
    }
}
