// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollListener;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.Acceptor;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Accepts on several listeners, a virtual thread for each on its loop. To Tomcat it is one acceptor: RUNNING while a thread
 * waits for a connection, PAUSED while none does.
 *
 * <p>Tomcat's own takes a place under {@code maxConnections} first and then waits for a connection; several of that kind would
 * keep places for which a client waits at another listener. So each takes the connection first, and holds one at most
 * while there is no place.
 */
final class LoopAcceptors extends Acceptor<NetpollConnection> {

    private static final Log LOG = LogFactory.getLog(LoopAcceptors.class);

    private static final long PAUSE_MILLIS = 10;

    private final NetpollTomcatEndpoint endpoint;
    private final List<NetpollListener> listeners;
    private final CountDownLatch ended;

    /** Threads that wait for a connection. Under the monitor. */
    private int waiting;

    private volatile boolean stopped;

    LoopAcceptors(NetpollTomcatEndpoint endpoint, List<NetpollListener> listeners) {
        super(endpoint);
        this.endpoint = endpoint;
        this.listeners = listeners;
        this.ended = new CountDownLatch(listeners.size());
    }

    @Override
    public void run() {
        for (int i = 1; i < listeners.size(); i++) {
            NetpollListener listener = listeners.get(i);
            listener.fork(endpoint.getName() + "-Acceptor-" + i, () -> acceptAll(listener));
        }
        acceptAll(listeners.getFirst());
    }

    private void acceptAll(NetpollListener listener) {
        AcceptBackoff backoff = new AcceptBackoff(endpoint.counters());
        try {
            while (!stopped) {
                if (endpoint.isPaused()) {
                    Thread.sleep(PAUSE_MILLIS);
                } else {
                    take(acceptOne(listener, backoff));
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("An acceptor was interrupted", e);
        } finally {
            ended.countDown();
        }
    }

    private @Nullable NetpollConnection acceptOne(NetpollListener listener, AcceptBackoff backoff)
            throws InterruptedException {
        count(1);
        try {
            return Listeners.accept(listener, backoff, endpoint.counters());
        } catch (IOException e) {
            if (!stopped && endpoint.isRunning()) {
                LOG.error("Accepting failed", e);
                Thread.sleep(PAUSE_MILLIS);
            }
            return null;
        } finally {
            count(-1);
        }
    }

    private synchronized void count(int more) {
        waiting += more;
        state = waiting > 0 ? AcceptorState.RUNNING : AcceptorState.PAUSED;
    }

    private void take(@Nullable NetpollConnection accepted) throws InterruptedException {
        if (accepted == null) {
            return;
        }
        endpoint.awaitPlace();
        if (stopped || endpoint.isPaused()) {
            endpoint.destroySocket(accepted);
        } else if (!endpoint.setSocketOptions(accepted)) {
            endpoint.closeSocket(accepted);
        }
    }

    @Override
    public void stopMillis(int waitMilliseconds) {
        stopped = true;
        try {
            if (waitMilliseconds > 0 && !ended.await(waitMilliseconds, TimeUnit.MILLISECONDS)) {
                LOG.warn("The acceptors of " + endpoint.getName() + " have not stopped in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
