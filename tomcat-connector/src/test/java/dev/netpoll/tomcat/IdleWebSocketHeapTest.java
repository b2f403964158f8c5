// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/** What an idle WebSocket connection holds of the heap, beside the same on NIO. */
class IdleWebSocketHeapTest {

    private static final int CONNECTIONS = 400;

    /** Tomcat's default, in characters or bytes. */
    private static final int BUFFER = 8192;

    private static final double MOST = 0.40;

    @Test
    void anIdleWebSocketHoldsLessThanHalfOfNios() throws Exception {
        each(NetpollContractTest.NETPOLL); // what is made once is there
        each(TomcatNioContractTest.NIO);
        long ours = each(NetpollContractTest.NETPOLL);
        long nio = each(TomcatNioContractTest.NIO);
        System.out.printf("live heap of an idle WebSocket: %,d B, on NIO %,d B%n", ours, nio);
        assertThat(ours).isLessThan((long) (MOST * nio));
    }

    private static long each(ConnectorUnderTest subject) throws Exception {
        List<RawWebSocket> clients = new ArrayList<>();
        try (TestServer server =
                RawWebSocket.server(subject, BUFFER)
                        .property("maxConnections", CONNECTIONS + 10)
                        .start()) {
            open(server).close();
            long before = liveHeap();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(open(server));
            }
            if (server.connector().getProtocolHandler() instanceof NetpollHttp11Protocol ours) {
                for (int i = 0; i < 3; i++) {
                    ours.endpoint().lookAtRestingConnections(); // as in 15 s
                }
            }
            long held = (liveHeap() - before) / CONNECTIONS;
            for (RawWebSocket client : clients) {
                client.echo("still here");
            }
            return held;
        } finally {
            for (RawWebSocket client : clients) {
                client.close();
            }
        }
    }

    /** A connection that has had one message each way. */
    private static RawWebSocket open(TestServer server) throws Exception {
        RawWebSocket client = RawWebSocket.open(server);
        client.echo("hi");
        return client;
    }

    private static long liveHeap() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
