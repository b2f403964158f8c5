// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.springframework.http.client.ClientHttpResponse;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.locks.LockSupport;

/**
 * Closes response bodies without reading what is left of them. Never blocks its caller; any thread.
 */
final class Bodies {

    private static final Logger LOG = System.getLogger(Bodies.class.getName());

    private static final int ROUNDS = 10;
    private static final long FIRST_PAUSE_NANOS = 1_000_000;

    private Bodies() {}

    /** Gives up a response, its body and its connection. */
    static void abort(ClientHttpResponse response, ClientKind kind) {
        if (kind.closesFromAnywhere()) {
            abortHere(response, kind);
            return;
        }
        Thread.ofVirtual()
                .name("http-abort")
                .start(
                        () -> {
                            // Wherever a socket would make it wait, that socket is closed instead.
                            Thread.currentThread().interrupt();
                            abortHere(response, kind);
                        });
    }

    private static void abortHere(ClientHttpResponse response, ClientKind kind) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            close(response.getBody(), kind);
            if (interrupted) {
                Thread.currentThread().interrupt(); // perhaps taken by what has failed of it
            }
            response.close(); // finds its body closed
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "A response was given up with an error", e);
        }
    }

    /** Closes a body that may be in the middle of a read on another thread. */
    static void close(InputStream body, ClientKind kind) {
        try {
            body.close();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "A body was given up with an error", e);
        } finally {
            if (kind == ClientKind.REACTOR) {
                Thread.ofVirtual().name("http-abort").start(() -> cancelSubscription(body));
            }
        }
    }

    /**
     * The stream of Spring 7.0's Reactor client forgets to cancel its subscription when it is closed
     * before that has come, or during a read; the connection would be held until its read
     * time-out. Reading the closed stream to its end cancels, once there is something to cancel and
     * no other thread in it; again does no harm.
     */
    private static void cancelSubscription(InputStream body) {
        byte[] rest = new byte[1_024];
        long pause = FIRST_PAUSE_NANOS;
        for (int i = 0; i < ROUNDS; i++) {
            try {
                while (body.read(rest) >= 0) {
                    // what had arrived before the close
                }
            } catch (IOException | RuntimeException notYet) {
                LOG.log(Level.TRACE, "A closed body has no subscription yet", notYet);
            }
            LockSupport.parkNanos(pause);
            pause *= 2;
        }
    }
}
