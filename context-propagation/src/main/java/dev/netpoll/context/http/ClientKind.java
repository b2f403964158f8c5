// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.springframework.http.client.AbstractClientHttpRequestFactoryWrapper;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;

/** The ways in which an HTTP client's call can be stopped from outside. */
enum ClientKind {

    /**
     * The JDK's and Jetty's: the I/O is on threads of the client's own. Waiting for the response ends
     * with an interrupt; a body can be closed from any thread, which ends a read, and the
     * connection (Jetty's only when it next hears of it).
     */
    ASYNCHRONOUS,

    /**
     * Reactor Netty's, the same in principle. An interrupt would not do for its body, which spins on
     * it; and a close can miss the subscription.
     */
    REACTOR,

    /**
     * Apache's, the JDK's old one, and what we do not know: sockets that block the calling thread. Only
     * a virtual thread's interrupt reaches those: it closes the socket.
     */
    BLOCKING;

    static ClientKind of(ClientHttpRequestFactory factory) {
        ClientHttpRequestFactory innermost = factory;
        while (innermost instanceof AbstractClientHttpRequestFactoryWrapper wrapper) {
            innermost = wrapper.getDelegate();
        }
        if (innermost instanceof ReactorClientHttpRequestFactory) {
            return REACTOR;
        }
        return innermost instanceof JdkClientHttpRequestFactory
                        || innermost instanceof JettyClientHttpRequestFactory
                ? ASYNCHRONOUS
                : BLOCKING;
    }

    /** Whether any thread may close a body under its reader. */
    boolean closesFromAnywhere() {
        return this != BLOCKING;
    }
}
