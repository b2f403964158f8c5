// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Connections that close while their clients still send: for how long, for how much, and for how many. */
@Timeout(60)
class LingeringCloseTest {

    private static final String ENDS = RawClient.text("GET", "/", "Connection: close");

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server =
                TestServer.on(NetpollHttp11Protocol.class.getName())
                        .handle("/*", (request, response) -> ServerContract.text(response, "ok"))
                        .start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private LingeringCloses lingering() {
        return ((NetpollHttp11Protocol) server.protocol()).endpoint().lingering();
    }

    private void awaitLingering(int count) {
        Bounded.until(() -> lingering().size() == count, lingering()::size);
    }

    /** A client that has its response, and whose connection lingers: it has sent more, and no FIN. */
    private RawClient answered() throws IOException {
        RawClient client = server.connect().send(ENDS + "more".repeat(10_000));
        assertThat(client.receive().text()).isEqualTo("ok");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        return client;
    }

    @Test
    void itEndsWhenTheClientCloses() throws Exception {
        RawClient client = answered();
        awaitLingering(1);
        client.close();
        awaitLingering(0);
    }

    @Test
    void itEndsByItselfWhenTheClientNeverCloses() throws Exception {
        answered();
        awaitLingering(1);
        awaitLingering(0); // two seconds later
    }

    @Test
    void itEndsWhenTheClientSendsWithoutEnd() throws Exception {
        RawClient client = answered();
        byte[] block = new byte[64 * 1024];
        long sent = 0;
        try {
            while (sent < 100L * LingeringClose.MOST_BYTES) {
                client.send(block);
                sent += block.length;
            }
        } catch (IOException reset) {
            assertThat(sent).isGreaterThanOrEqualTo(LingeringClose.MOST_BYTES / 2);
        }
        assertThat(sent).isLessThan(100L * LingeringClose.MOST_BYTES);
        awaitLingering(0);
    }

    @Test
    void nothingLingersWhereTheClientHasClosed() throws Exception {
        RawClient client = server.connect().send(ENDS);
        client.halfClose();
        assertThat(client.receive().text()).isEqualTo("ok");
        assertThat(client.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        awaitLingering(0);
    }

    @Test
    void aStopEndsWhatLingers() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            clients.add(answered());
        }
        LingeringCloses all = lingering();
        server.stop();
        assertThat(all.size()).isZero();
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void nothingLingersAfterAStop() {
        LingeringCloses all = lingering();
        all.stop();
        Bounded.until(() -> all.size() == 0, all::size);
        assertThat(all.isFull()).isTrue();
        all.start();
        assertThat(all.isFull()).isFalse();
    }
}
