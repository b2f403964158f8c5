// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** What attributes set, the kernel has, read back from the server's end of a connection. */
abstract class SocketOptionsContract extends ServerContract {

    static final int SOL_SOCKET = 1;
    static final int TCP = 6;

    /** Of the server's end of the one connection that there is. */
    static int[] option(TestServer server, int level, int name) throws Exception {
        Set<Integer> before = sockets();
        RawClient client = server.connect();
        Set<Integer> after = new HashSet<>();
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        after.addAll(sockets());
        after.removeAll(before);
        int port = client.localAddress().getPort();
        int servers =
                after.stream()
                        .filter(fd -> PeerPort.of(fd) == port)
                        .findAny()
                        .orElseThrow(() -> new AssertionError("none of " + after + " to " + port));
        return KernelOptions.of(servers, level, name);
    }

    private static Set<Integer> sockets() {
        Set<Integer> found = new TreeSet<>();
        for (int fd = 0; fd < 2_000; fd++) {
            if (KernelOptions.of(fd, SOL_SOCKET, 3).length == 1) { // SO_TYPE
                found.add(fd);
            }
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource({
        "tcpNoDelay, true, 6, 1, 1",
        "tcpNoDelay, false, 6, 1, 0",
        "socket.tcpNoDelay, false, 6, 1, 0",
        "socket.soKeepAlive, true, 1, 9, 1",
        "socket.ooBInline, true, 1, 10, 1",
        "socket.rxBufSize, 20000, 1, 8, 40000",
        "socket.txBufSize, 20000, 1, 7, 40000"
    })
    void anAttributeIsTheKernels(String name, String value, int level, int option, int read)
            throws Exception {
        TestServer server = helloServer().property(name, value).start();
        assertThat(option(server, level, option)).containsExactly(read);
    }

    @Test
    void lingeringTakesBothAttributes() throws Exception {
        TestServer on =
                helloServer()
                        .property("socket.soLingerOn", true)
                        .property("socket.soLingerTime", 7)
                        .start();
        assertThat(option(on, SOL_SOCKET, 13)).containsExactly(1, 7);
        TestServer off = helloServer().property("socket.soLingerTime", 7).start();
        assertThat(option(off, SOL_SOCKET, 13)[0]).isZero();
        TestServer alone = helloServer().property("connectionLinger", 7).start();
        assertThat(option(alone, SOL_SOCKET, 13)).containsExactly(1, 7);
    }
}
