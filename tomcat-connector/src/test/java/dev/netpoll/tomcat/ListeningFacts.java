// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.LifecycleException;
import org.apache.coyote.AbstractProtocol;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Tells where a connector listens for each way to write an address. Runs in a JVM of its own, whose
 * networking properties are the question; {@link JdkNetworkingTest} reads the lines.
 */
final class ListeningFacts {

    static final String READY = "ready";

    /** The empty one stands for none at all. */
    static final List<String> ADDRESSES =
            List.of("", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1", "0:0::0");

    private static final String LISTEN = "0A";

    private ListeningFacts() {}

    /** For each protocol that is an argument, in order; ends when its input does. */
    public static void main(String[] protocols) throws Exception {
        List<TestServer> servers = new ArrayList<>();
        for (String protocol : protocols) {
            for (String address : ADDRESSES) {
                System.out.println(address + " " + listen(protocol, address, servers));
            }
        }
        System.out.println(READY);
        System.in.readAllBytes();
        for (TestServer server : servers) {
            server.close();
        }
    }

    private static String listen(String protocol, String address, List<TestServer> servers)
            throws IOException {
        try {
            TestServer server = start(protocol, address);
            servers.add(server);
            return server.port() + " " + listeningAt(server.port());
        } catch (LifecycleException e) {
            return "0 refused";
        }
    }

    private static TestServer start(String protocol, String address)
            throws IOException, LifecycleException {
        @Nullable InetAddress resolved = address.isEmpty() ? null : InetAddress.getByName(address);
        return TestServer.on(protocol)
                .handle("/", (request, response) -> ServerContract.text(response, "here"))
                .connector(
                        connector ->
                                ((AbstractProtocol<?>) connector.getProtocolHandler())
                                        .setAddress(resolved))
                .start();
    }

    /** The kernel's address of what listens on {@code port}; {@code *} where IPv4 comes to an IPv6 one. */
    private static String listeningAt(int port) throws IOException {
        String end = ":%04X".formatted(port);
        for (String table : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            for (String row : readTable(table)) {
                String[] columns = row.strip().split("\\s+");
                if (columns[1].endsWith(end) && columns[3].equals(LISTEN)) {
                    InetAddress local = decode(columns[1].substring(0, columns[1].indexOf(':')));
                    boolean both = table.endsWith("6") && local.isAnyLocalAddress();
                    return both ? "*" : local.getHostAddress();
                }
            }
        }
        throw new AssertionError("Nothing listens on port " + port);
    }

    private static List<String> readTable(String path) throws IOException {
        return Files.exists(Path.of(path)) ? Files.readAllLines(Path.of(path)) : List.of();
    }

    /** Words of four bytes, each in the host's order. */
    private static InetAddress decode(String hex) throws UnknownHostException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        for (int i = 0; i < bytes.length; i += 4) {
            swap(bytes, i, i + 3);
            swap(bytes, i + 1, i + 2);
        }
        return InetAddress.getByAddress(bytes); // a mapped one becomes an IPv4 one
    }

    private static void swap(byte[] bytes, int i, int j) {
        byte kept = bytes[i];
        bytes[i] = bytes[j];
        bytes[j] = kept;
    }
}
