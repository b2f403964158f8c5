// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;

import java.util.function.Supplier;

/** Every client Spring has a request factory for; each is made once and left to the end of the JVM. */
enum Clients {
    JDK(JdkClientHttpRequestFactory::new),
    APACHE(Clients::apache),
    JETTY(JettyClientHttpRequestFactory::new),
    REACTOR(Clients::reactor),
    SIMPLE(SimpleClientHttpRequestFactory::new);

    private final ClientHttpRequestFactory factory;

    Clients(Supplier<ClientHttpRequestFactory> factory) {
        this.factory = factory.get();
    }

    ClientHttpRequestFactory bare() {
        return factory;
    }

    ClientHttpRequestFactory wrapped() {
        return ContextHttpRequestFactory.wrap(factory);
    }

    /**
     * Whether it ends a connection at once on which nothing comes. Jetty leaves that to its idle
     * time-out, the JDK's old client to a cleaner of its own that waits for seconds, and Reactor Netty
     * to its read time-out if the response had just come when it was told.
     */
    boolean dropsQuietConnections() {
        return this == JDK || this == APACHE;
    }

    private static ClientHttpRequestFactory apache() {
        return new HttpComponentsClientHttpRequestFactory(
                HttpClients.custom()
                        .disableAutomaticRetries()
                        .setConnectionManager(
                                PoolingHttpClientConnectionManagerBuilder.create()
                                        .setMaxConnPerRoute(200)
                                        .setMaxConnTotal(200)
                                        .build())
                        .build());
    }

    private static ClientHttpRequestFactory reactor() {
        var factory = new ReactorClientHttpRequestFactory();
        factory.start();
        return factory;
    }
}
