// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelledException;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.Map;

/** A request that is made under the context that is current when it is executed. One thread. */
class ContextHttpRequest implements ClientHttpRequest {

    private final ClientHttpRequest request;
    private final ClientKind kind;
    private final HttpSettings settings;

    ContextHttpRequest(ClientHttpRequest request, ClientKind kind, HttpSettings settings) {
        this.request = request;
        this.kind = kind;
        this.settings = settings;
    }

    @Override
    public ClientHttpResponse execute() throws IOException {
        CancelContext context = CancelContext.currentOrNull();
        if (context == null) {
            return request.execute();
        }
        context.throwIfCancelled();
        DeadlineHeader.write(settings.deadlineHeader(), context, request.getHeaders());
        CallEnd end = new CallEnd(settings.listener(), getMethod(), getURI());
        HttpCall call = new HttpCall(context, kind, settings, end);
        try {
            ClientHttpResponse response =
                    call.run(request::execute, late -> Bodies.abort(late, kind));
            return ContextHttpResponse.of(response, call);
        } catch (CancelledException e) {
            end.tell(context, HttpCancelReport.Stage.EXCHANGE);
            throw e;
        }
    }

    @Override
    public HttpMethod getMethod() {
        return request.getMethod();
    }

    @Override
    public URI getURI() {
        return request.getURI();
    }

    @Override
    public Map<String, Object> getAttributes() {
        return request.getAttributes();
    }

    @Override
    public HttpHeaders getHeaders() {
        return request.getHeaders();
    }

    @Override
    public OutputStream getBody() throws IOException {
        return request.getBody();
    }
}
