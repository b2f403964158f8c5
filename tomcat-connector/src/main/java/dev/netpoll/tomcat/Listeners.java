// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.Ticker;

import org.apache.tomcat.util.net.Acceptor;
import org.apache.tomcat.util.net.Acceptor.AcceptorState;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;

/**
 * The listeners of an endpoint: one, or one for each loop. Methods are for any thread, but for {@link #accept}.
 *
 * @param all at least one; all of one address
 */
record Listeners(List<NetpollListener> all) {

    /** As long as Tomcat's own endpoints wait for their acceptor. */
    private static final long UNLOCK_NANOS = 1_000_000_000;

    /** What accepts on them. */
    Acceptor<NetpollConnection> acceptor(NetpollTomcatEndpoint endpoint) {
        return all.size() == 1 ? new Acceptor<>(endpoint) : new LoopAcceptors(endpoint, all);
    }

    /** Starts a virtual thread on the first one's loop. */
    void fork(String name, Runnable task) {
        all.getFirst().fork(name, task);
    }

    /** A connection of the first; see {@link #accept(NetpollListener, AcceptBackoff, ConnectorCounters)}. */
    @Nullable NetpollConnection accept(AcceptBackoff backoff, ConnectorCounters counters)
            throws IOException, InterruptedException {
        return accept(all.getFirst(), backoff, counters);
    }

    /** Waits for a connection; null when woken by {@link #interrupt}. On that listener's acceptor thread. */
    static @Nullable NetpollConnection accept(
            NetpollListener listener, AcceptBackoff backoff, ConnectorCounters counters)
            throws IOException, InterruptedException {
        while (true) {
            try {
                NetpollConnection accepted = listener.accept();
                backoff.reset();
                counters.goesOn();
                return accepted;
            } catch (SocketTimeoutException e) {
                return null; // interrupt
            } catch (KernelException e) {
                if (!backoff.await(e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Wakes {@code acceptor}, and waits until it has seen that: one that is still in accept would take the next
     * connection, find the endpoint paused and drop it. Tomcat's class offers nothing to wait on.
     */
    void interrupt(@Nullable Acceptor<NetpollConnection> acceptor, Ticker ticker) {
        all.forEach(NetpollListener::interrupt);
        long giveUp = ticker.nanoTime() + UNLOCK_NANOS;
        try {
            while (acceptor != null
                    && acceptor.getState() == AcceptorState.RUNNING
                    && ticker.nanoTime() < giveUp) {
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void resume() {
        all.forEach(NetpollListener::resume);
    }

    void close() {
        all.forEach(NetpollListener::close);
    }

    @Nullable SocketAddress localAddress() {
        return all.getFirst().localAddress();
    }
}
