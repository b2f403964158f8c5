// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A listener for each loop, on one port. */
class EachLoopListenerTest {

    private static final int LOOPS = 3;
    private static final int CLIENTS = 96;

    private final NetpollEngine engine = start();
    private final List<NetpollListener> open = new ArrayList<>();

    private static NetpollEngine start() {
        try {
            return NetpollEngine.start(EngineConfig.of(LOOPS, CarrierMode.AUTO));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void closeAll() {
        open.forEach(NetpollListener::close);
        engine.close();
    }

    private List<NetpollListener> listen(InetSocketAddress address) throws IOException {
        List<NetpollListener> listeners =
                engine.listenOnEachLoop(address, ListenOptions.defaults());
        open.addAll(listeners);
        return listeners;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private static int portOf(NetpollListener listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    record Accepted(int listener, int loop) {}

    @Test
    void whatAListenerAcceptsIsUnderItsLoopAndEachGetsSome() throws Exception {
        List<NetpollListener> listeners = listen(loopback(0));
        assertThat(listeners).hasSize(LOOPS);
        assertThat(listeners.stream().map(EachLoopListenerTest::portOf).distinct()).hasSize(1);
        Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < LOOPS; i++) {
            int number = i;
            NetpollListener listener = listeners.get(i);
            listener.fork("acceptor-" + i, () -> acceptAll(listener, number, accepted));
        }

        int port = portOf(listeners.getFirst());
        for (int i = 0; i < CLIENTS; i++) {
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
        }

        Bounded.until(() -> accepted.size() == CLIENTS, accepted::size);
        assertThat(accepted).allSatisfy(each -> assertThat(each.loop()).isEqualTo(each.listener()));
        assertThat(accepted.stream().map(Accepted::loop).distinct()).hasSize(LOOPS);
    }

    private static void acceptAll(NetpollListener from, int number, Queue<Accepted> accepted) {
        try {
            while (true) {
                try (NetpollConnection connection = from.accept()) {
                    accepted.add(new Accepted(number, connection.loop()));
                }
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    @Test
    void aPortInUseIsRefusedAlsoWhereItCouldBeShared() throws Exception {
        int port = portOf(listen(loopback(0)).getFirst());
        assertThatThrownBy(() -> listen(loopback(port)))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("Address already in use");
    }

    @Test
    void theWildcardAddressTakesBothFamilies() throws Exception {
        List<NetpollListener> listeners = listen(new InetSocketAddress(0));
        Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
        for (NetpollListener each : listeners) {
            each.fork("acceptor", () -> acceptAll(each, 0, accepted));
        }
        try (Socket client =
                new Socket(InetAddress.ofLiteral("127.0.0.1"), portOf(listeners.getFirst()))) {
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }
}
