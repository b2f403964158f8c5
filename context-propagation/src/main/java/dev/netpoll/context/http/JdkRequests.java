// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * Makes the requests that Spring's factory for the JDK's client would make, over a {@link
 * BodyClosingHttpClient}. That factory does not tell its client and its settings, so its fields are
 * read, the settings at each request: they may be changed at any time.
 *
 * <p>Any thread. Immutable.
 */
final class JdkRequests implements ClientHttpRequestFactory {

    private static final @Nullable Fields FIELDS = Fields.find();

    private record Fields(
            VarHandle client, VarHandle executor, VarHandle readTimeout, VarHandle compression) {

        /** Null where a version of Spring has others. */
        static @Nullable Fields find() {
            Class<?> type = JdkClientHttpRequestFactory.class;
            try {
                var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
                return new Fields(
                        lookup.findVarHandle(type, "httpClient", HttpClient.class),
                        lookup.findVarHandle(type, "executor", Executor.class),
                        lookup.findVarHandle(type, "readTimeout", Duration.class),
                        lookup.findVarHandle(type, "compression", boolean.class));
            } catch (ReflectiveOperationException | SecurityException e) {
                return null;
            }
        }
    }

    private final JdkClientHttpRequestFactory factory;
    private final Fields fields;
    private final HttpClient client;
    private final Executor executor;

    private JdkRequests(JdkClientHttpRequestFactory factory, Fields fields) {
        this.factory = factory;
        this.fields = fields;
        this.client = new BodyClosingHttpClient((HttpClient) fields.client().get(factory));
        this.executor = (Executor) fields.executor().get(factory);
    }

    /** {@code factory} itself where it is another client's, a subclass, or of an unknown version. */
    static ClientHttpRequestFactory of(ClientHttpRequestFactory factory) {
        return FIELDS != null && factory.getClass() == JdkClientHttpRequestFactory.class
                ? new JdkRequests((JdkClientHttpRequestFactory) factory, FIELDS)
                : factory;
    }

    @Override
    public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
        var copy = new JdkClientHttpRequestFactory(client, executor);
        Duration readTimeout = (Duration) fields.readTimeout().get(factory);
        if (readTimeout != null) {
            copy.setReadTimeout(readTimeout);
        }
        copy.enableCompression((boolean) fields.compression().get(factory));
        return copy.createRequest(uri, method);
    }
}
