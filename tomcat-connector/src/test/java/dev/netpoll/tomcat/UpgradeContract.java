// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** Connections that stop being HTTP: {@code HttpUpgradeHandler}, blocking and not. */
abstract class UpgradeContract extends ServerContract {
    private static final int LARGE = 8 << 20;

    @BeforeEach
    final void forgetEndedConnections() {
        UpgradedConnections.forgetEnded();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class
            })
    void bytesAreEchoedAsTheyCome(Class<? extends HttpUpgradeHandler> handler) throws Exception {
        RawClient client = upgraded(upgradeServer(handler).start());

        for (int i = 0; i < 100; i++) {
            String word = "word " + i;
            client.send(word);
            assertThat(client.in().readNBytes(word.length()))
                    .asString(StandardCharsets.US_ASCII)
                    .isEqualTo(word);
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class
            })
    void bytesThatCameWithTheRequestAreNotLost(Class<? extends HttpUpgradeHandler> handler)
            throws Exception {
        TestServer server = upgradeServer(handler).start();

        RawClient client = server.connect().send(upgradeRequest() + "early");

        assertThat(client.receiveHead().status()).isEqualTo(101);
        assertThat(client.in().readNBytes(5))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("early");
        client.send("late");
        assertThat(client.in().readNBytes(4)).asString(StandardCharsets.US_ASCII).isEqualTo("late");
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class,
                UpgradedConnections.FullDuplex.class
            })
    void muchGoesBothWaysAtOnce(Class<? extends HttpUpgradeHandler> handler) throws Exception {
        RawClient client = upgraded(upgradeServer(handler).start());

        CompletableFuture<Void> sending =
                Bounded.background(
                        () -> {
                            Payload.write(client.out(), LARGE);
                            return null;
                        });
        byte[] echoed = client.in().readNBytes(LARGE);

        assertThat(Payload.checksum(echoed)).isEqualTo(Payload.checksum(LARGE));
        Bounded.value(sending);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class,
                UpgradedConnections.FullDuplex.class
            })
    void theClientsEndEndsTheHandler(Class<? extends HttpUpgradeHandler> handler) throws Exception {
        TestServer server = upgradeServer(handler).start();
        RawClient client = upgraded(server).send("last words");
        assertThat(client.in().readNBytes(10))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("last words");

        client.halfClose();

        assertThat(client.awaitEnd().rest()).isZero();
        Bounded.until(() -> UpgradedConnections.ended().size() == 1, UpgradedConnections::ended);
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class
            })
    void theClientsResetEndsTheHandler(Class<? extends HttpUpgradeHandler> handler)
            throws Exception {
        TestServer server = upgradeServer(handler).start();
        RawClient client = upgraded(server).send("last words");
        client.in().readNBytes(10);

        client.reset();

        Bounded.until(() -> UpgradedConnections.ended().size() == 1, UpgradedConnections::ended);
        awaitNoConnections(server);
    }

    @Test
    void theHandlersEndEndsTheConnection() throws Exception {
        TestServer server = upgradeServer(UpgradedConnections.Greeting.class).start();
        RawClient client = upgraded(server);

        assertThat(client.in().readAllBytes())
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("hello and goodbye");
        awaitNoConnections(server);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                UpgradedConnections.BlockingEcho.class,
                UpgradedConnections.NonBlockingEcho.class
            })
    void httpsTimeoutsDoNotCountAfterAnUpgrade(Class<? extends HttpUpgradeHandler> handler)
            throws Exception {
        TestServer server =
                upgradeServer(handler)
                        .property("connectionTimeout", 600)
                        .property("keepAliveTimeout", 600)
                        .start();
        RawClient client = upgraded(server).send("first");
        client.in().readNBytes(5);

        for (int i = 0; i < 2; i++) {
            server.connect().awaitEnd();
        }

        // Two connections came later, said nothing and were timed out; the upgraded one was not.
        client.send("second");
        assertThat(client.in().readNBytes(6))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("second");
    }

    @Test
    void anUpgradedConnectionEndsWithTheServer() throws Exception {
        requireTomcat("11.0.23"); // the handler was not told
        TestServer server = upgradeServer(UpgradedConnections.NonBlockingEcho.class).start();
        RawClient client = upgraded(server).send("first");
        client.in().readNBytes(5);

        server.stop();

        client.awaitEnd();
        if (subject().tls() == null || !subject().forgetsUpgradesOverTls()) {
            Bounded.until(
                    () -> UpgradedConnections.ended().size() == 1, UpgradedConnections::ended);
        }
    }

    @Test
    void anUpgradeMayComeLateInAConnectionsLife() throws Exception {
        TestServer server = upgradeServer(UpgradedConnections.NonBlockingEcho.class).start();
        RawClient client = server.connect();
        for (int i = 0; i < 5; i++) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        }

        client.send(upgradeRequest());

        assertThat(client.receiveHead().status()).isEqualTo(101);
        client.send("echo");
        InputStream in = client.in();
        assertThat(in.readNBytes(4)).asString(StandardCharsets.US_ASCII).isEqualTo("echo");
    }

    private TestServer.Builder upgradeServer(Class<? extends HttpUpgradeHandler> handler) {
        return helloServer()
                .handle(
                        "/upgrade",
                        (request, response) -> {
                            response.setStatus(HttpServletResponse.SC_SWITCHING_PROTOCOLS);
                            response.setHeader("Connection", "Upgrade");
                            response.setHeader("Upgrade", "echo");
                            request.upgrade(handler);
                        });
    }

    private static String upgradeRequest() {
        return RawClient.text("GET", "/upgrade", "Connection: Upgrade", "Upgrade: echo");
    }

    private static RawClient upgraded(TestServer server) throws IOException {
        RawClient client = server.connect().send(upgradeRequest());
        RawResponse head = client.receiveHead();
        assertThat(head.status()).isEqualTo(101);
        assertThat(head.header("Upgrade")).isEqualTo("echo");
        return client;
    }
}
