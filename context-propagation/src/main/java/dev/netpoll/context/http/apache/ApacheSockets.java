// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http.apache;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.Proxy;
import java.net.Socket;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;

import javax.net.SocketFactory;

/**
 * Has Apache's HttpClient 5 make its sockets by a {@link SocketFactory}, where somebody else builds it and takes
 * customizers, as Spring Boot does. What makes the sockets comes from an overridable method of the connections'
 * builder, and that builder is the other's: so the client gets the connections of one with the same fields,
 * time-outs, TLS and sizes included. Sockets of a SOCKS proxy stay the JDK's.
 *
 * <p>{@link #close} ends the connections that wait in the pools for their next call: nobody else does when an
 * application stops, and each would keep its factory's threads.
 *
 * <p>Where the fields cannot be read (a module path without {@code opens}) the client is left as it is.
 *
 * <p>Any thread; one build is told from its beginning to its end by one thread.
 */
public final class ApacheSockets implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ApacheSockets.class.getName());

    private final SocketFactory sockets;

    /** Between the two steps of a build: the client's builder does not tell its connections'. */
    private final ThreadLocal<@Nullable PoolingHttpClientConnectionManagerBuilder> building =
            new ThreadLocal<>();

    /** Weak: a client that is not used any more is its application's to close. */
    private final Set<PoolingHttpClientConnectionManager> pools =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    /** Makes the sockets by {@code sockets}. */
    public ApacheSockets(SocketFactory sockets) {
        this.sockets = Objects.requireNonNull(sockets);
    }

    /** The first step: the connections' builder, which later customizers may still change. */
    public void connections(PoolingHttpClientConnectionManagerBuilder connections) {
        building.set(connections);
    }

    /**
     * The second step: the builder of the client that has those connections. A customizer that comes later and
     * sets connections of its own has them.
     */
    public void client(HttpClientBuilder client) {
        PoolingHttpClientConnectionManagerBuilder connections = building.get();
        building.remove();
        if (connections == null) {
            return;
        }
        try {
            PoolingHttpClientConnectionManager pool = new Connections(connections, sockets).build();
            client.setConnectionManager(pool);
            pools.add(pool);
        } catch (IllegalAccessException | RuntimeException e) {
            LOG.log(Level.DEBUG, "Apache's HttpClient keeps the JDK's sockets", e);
        }
    }

    /** The clients stay usable, by new connections. */
    @Override
    public void close() {
        List<PoolingHttpClientConnectionManager> all;
        synchronized (pools) {
            all = List.copyOf(pools);
        }
        all.forEach(pool -> pool.closeIdle(TimeValue.ZERO_MILLISECONDS));
    }

    /** As the builder it was made from, but for the sockets. */
    private static final class Connections extends PoolingHttpClientConnectionManagerBuilder {

        private final SocketFactory sockets;

        Connections(PoolingHttpClientConnectionManagerBuilder original, SocketFactory sockets)
                throws IllegalAccessException {
            this.sockets = sockets;
            for (Field field :
                    PoolingHttpClientConnectionManagerBuilder.class.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    field.setAccessible(true);
                    field.set(this, field.get(original));
                }
            }
        }

        @Override
        protected HttpClientConnectionOperator createConnectionOperator(
                SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(
                    this::socket,
                    ports,
                    names,
                    scheme -> URIScheme.HTTPS.same(scheme) ? tls : null);
        }

        private Socket socket(@Nullable Proxy socks) throws IOException {
            return socks == null ? sockets.createSocket() : new Socket(socks);
        }
    }
}
