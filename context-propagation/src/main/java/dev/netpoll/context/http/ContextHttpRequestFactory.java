// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractClientHttpRequestFactoryWrapper;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestTemplate;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Objects;

/**
 * A factory of requests whose calls end with the calling thread's {@linkplain
 * dev.netpoll.context.CancelContext#current() context}. For {@code RestClient}, {@code
 * RestTemplate} and HTTP interfaces, around the factory of whatever client makes the calls:
 *
 * <pre>{@code
 * RestClient client = RestClient.builder()
 *         .requestFactory(ContextHttpRequestFactory.wrap(new JdkClientHttpRequestFactory()))
 *         .build();
 * }</pre>
 *
 * <ul>
 *   <li><b>Connecting, sending, waiting for the response and reading its body</b> all end as soon as
 *       the context does, and with them the connection. No call is begun after that. The caller gets
 *       the {@link dev.netpoll.context.CancelledException}, for a deadline the {@link
 *       dev.netpoll.context.DeadlineExceededException}.
 *   <li><b>Whatever the server says</b>, 503 and 504 included, is handed on as it is: {@code
 *       HttpServerErrorException}; {@link DownstreamDeadline} tells whether the server means a
 *       deadline. The client's own time-outs fail as they always do.
 *   <li><b>What is left of the deadline</b> goes with the request as a header ({@link HttpSettings}).
 *   <li>A response that comes after the deadline is none.
 * </ul>
 *
 * <p>Works with every client. See {@link ClientKind} for what it takes; a name look-up of the
 * system's resolver cannot be interrupted on the calling thread and is waited for. Without a current
 * context everything goes straight through. A {@code JdkClientHttpRequestFactory} is to be wrapped
 * itself, not a wrapper of it: else a response that comes in the very moment of the end keeps its
 * connection until the server closes it.
 *
 * <p>Any thread. Immutable.
 */
public final class ContextHttpRequestFactory extends AbstractClientHttpRequestFactoryWrapper {

    private final ClientHttpRequestFactory requests;
    private final ClientKind kind;
    private final HttpSettings settings;

    /** Wraps {@code client}. */
    public ContextHttpRequestFactory(ClientHttpRequestFactory client, HttpSettings settings) {
        super(client);
        this.requests = JdkRequests.of(client);
        this.kind = ClientKind.of(client);
        this.settings = Objects.requireNonNull(settings);
    }

    /** Wraps {@code client} with the default settings, unless it is wrapped already. */
    public static ClientHttpRequestFactory wrap(ClientHttpRequestFactory client) {
        return wrap(client, HttpSettings.DEFAULTS);
    }

    /** Wraps {@code client}, unless it or what it wraps is wrapped already. */
    public static ClientHttpRequestFactory wrap(
            ClientHttpRequestFactory client, HttpSettings settings) {
        return isWrapped(client) ? client : new ContextHttpRequestFactory(client, settings);
    }

    private static boolean isWrapped(ClientHttpRequestFactory client) {
        ClientHttpRequestFactory each = client;
        while (each instanceof AbstractClientHttpRequestFactoryWrapper wrapper) {
            if (wrapper instanceof ContextHttpRequestFactory) {
                return true;
            }
            each = wrapper.getDelegate();
        }
        return false;
    }

    @Override
    protected ClientHttpRequest createRequest(
            URI uri, HttpMethod method, ClientHttpRequestFactory client) throws IOException {
        ClientHttpRequest request = requests.createRequest(uri, method);
        return request instanceof StreamingHttpOutputMessage streaming
                ? new StreamingContextHttpRequest(request, streaming, kind, settings)
                : new ContextHttpRequest(request, kind, settings);
    }

    /**
     * Puts {@code template} under the current context and returns it. Wraps its factory itself, and not what
     * its interceptors make of it.
     */
    public static RestTemplate wrap(RestTemplate template, HttpSettings settings) {
        List<ClientHttpRequestInterceptor> interceptors = List.copyOf(template.getInterceptors());
        template.setInterceptors(List.of());
        template.setRequestFactory(wrap(template.getRequestFactory(), settings));
        template.setInterceptors(interceptors);
        return template;
    }
}
