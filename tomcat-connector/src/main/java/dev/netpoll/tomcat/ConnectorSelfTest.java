// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.AbstractProtocol;
import org.apache.coyote.Adapter;
import org.apache.coyote.ProtocolHandler;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/**
 * Has the connector serve one request on a loopback port of its own, without a container, and closes
 * it again: what is compiled right can still behave otherwise in another Tomcat. Blocks for that long,
 * and for {@link #BOUND_MILLIS} at the most while it waits for the response.
 */
final class ConnectorSelfTest {

    private static final int BOUND_MILLIS = 5_000;

    private static final String REQUEST =
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private static final String GOOD = "HTTP/1.1 204";

    private final String protocol;

    ConnectorSelfTest(String protocol) {
        this.protocol = protocol;
    }

    /** What went wrong; null when the request was answered and everything was closed. */
    @Nullable Throwable failure() {
        try (var utility = Executors.newSingleThreadScheduledExecutor()) {
            ProtocolHandler handler = ProtocolHandler.create(protocol);
            if (handler instanceof AbstractProtocol<?> tomcats) {
                tomcats.setAddress(InetAddress.getLoopbackAddress());
                tomcats.setPort(0);
                serve(tomcats, utility);
            }
            return null;
        } catch (Exception | LinkageError e) {
            return e;
        }
    }

    private static void serve(AbstractProtocol<?> handler, ScheduledExecutorService utility)
            throws Exception {
        handler.setAdapter(new NoContent());
        handler.setUtilityExecutor(utility);
        handler.init();
        try {
            handler.start();
            askAndStop(handler);
        } finally {
            handler.destroy();
        }
    }

    private static void askAndStop(AbstractProtocol<?> handler) throws Exception {
        try {
            ask(handler.getLocalPort());
        } finally {
            handler.stop();
        }
    }

    private static void ask(int port) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(BOUND_MILLIS);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            String response = new String(answer, StandardCharsets.US_ASCII);
            if (!response.startsWith(GOOD)) {
                throw new IOException("The self-test's request was answered by '" + response + "'");
            }
        }
    }

    /** Answers every request with 204. */
    private static final class NoContent implements Adapter {

        @Override
        public void service(Request request, Response response) {
            response.setStatus(204);
        }

        @Override
        public boolean prepare(Request request, Response response) {
            return true;
        }

        @Override
        public boolean asyncDispatch(Request request, Response response, SocketEvent status) {
            return false;
        }

        @Override
        public void log(Request request, Response response, long time) {
            // There is no access log to write to.
        }

        @Override
        public void checkRecycled(Request request, Response response) {
            // Nothing is kept in either.
        }

        @Override
        public @Nullable String getDomain() {
            return null; // so that nothing is registered with JMX
        }
    }
}
