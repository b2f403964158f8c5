// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What an idle WebSocket connection holds of the heap, beside the same on NIO. Some 55 kB of both are Tomcat's WebSocket session with its
 * buffers, which no connector has a say in; beyond these ours holds 1 kB, NIO's 18.
 */
class IdleWebSocketHeapTest {

    private static final int CONNECTIONS = 400;

    private static final String UPGRADE =
            """
            GET /echo HTTP/1.1\r
            Host: localhost\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r
            """;

    /** "hi", masked with zeros, and as it comes back. */
    private static final byte[] FRAME = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

    private static final byte[] ECHO = {(byte) 0x81, 2, 'h', 'i'};

    @Test
    void anIdleWebSocketHoldsLessThanOnNio() throws Exception {
        each(NetpollContractTest.NETPOLL); // what is made once is there
        each(TomcatNioContractTest.NIO);
        long ours = each(NetpollContractTest.NETPOLL);
        long nio = each(TomcatNioContractTest.NIO);
        System.out.printf("live heap of an idle WebSocket: %,d B, on NIO %,d B%n", ours, nio);
        assertThat(ours).isLessThan(nio);
    }

    private static long each(ConnectorUnderTest subject) throws Exception {
        List<Socket> clients = new ArrayList<>();
        try (TestServer server =
                TestServer.on(subject.protocol())
                        .connector(subject::tune)
                        .property("maxConnections", CONNECTIONS + 10)
                        .context(
                                context -> {
                                    context.addServletContainerInitializer(
                                            new WsSci(), Set.of(EchoEndpoint.class));
                                    Tomcat.addServlet(context, "default", new DefaultServlet());
                                    context.addServletMappingDecoded("/", "default");
                                })
                        .start()) {
            open(server).close();
            long before = liveHeap();
            for (int i = 0; i < CONNECTIONS; i++) {
                clients.add(open(server));
            }
            return (liveHeap() - before) / CONNECTIONS;
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    /** A connection that has had one message each way. */
    private static Socket open(TestServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(UPGRADE.getBytes(StandardCharsets.US_ASCII));
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        assertThat(head).startsWith("HTTP/1.1 101 ");
        socket.getOutputStream().write(FRAME);
        assertThat(in.readNBytes(ECHO.length)).isEqualTo(ECHO);
        return socket;
    }

    private static long liveHeap() {
        System.gc();
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
