// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.util.ServerInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What every part of the HTTP contract shares: servers of the protocol under test, and, around each test, the checks
 * that nothing was logged at WARNING or above and that every descriptor, thread and connection was given back.
 *
 * <p>The contract is the same for every protocol. Where one differs by design, the difference is a method here that
 * says why, and the protocol's own class overrides it.
 */
@Timeout(60)
abstract class ServerContract {
    /** Held strongly: java.util.logging forgets the level of a logger nobody refers to. */
    private static final Logger TOMCAT = Logger.getLogger("org.apache");

    private static final LogRecorder LOG = new LogRecorder();

    /** Protocols of which one server has run, so that what a JVM opens once and keeps is open. */
    private static final Set<String> WARM = ConcurrentHashMap.newKeySet();

    private final List<TestServer> servers = new ArrayList<>();

    private ProcessResources before = new ProcessResources(Map.of(), Set.of());

    protected abstract ConnectorUnderTest subject();

    /** Connections the server holds for clients now, as long as it has not reached {@code maxConnections}. */
    final long connections(TestServer server) {
        return server.connectionCount() - subject().connectionsWhenIdle();
    }

    /** Waits until the server has let go of every connection. */
    final void awaitNoConnections(TestServer server) {
        Bounded.until(
                () -> connections(server) <= 0, () -> connections(server) + " connections left");
    }

    /** A server to be started by the test, and closed after it. */
    final TestServer.Builder server() {
        return TestServer.on(subject().protocol())
                .connector(subject()::tune)
                .clientsOver(subject().tls())
                .onStart(servers::add);
    }

    /** Closes a server that a test has built without {@link #server}. */
    final void closedAfterTheTest(TestServer server) {
        servers.add(server);
    }

    /** A server that says {@code hello} at {@code /hello}. */
    final TestServer.Builder helloServer() {
        return server().handle("/hello", (request, response) -> text(response, "hello"));
    }

    /** Log records of WARNING and above since the test began. */
    final LogRecorder log() {
        return LOG;
    }

    /** Skips a test that an older Tomcat's own connector fails. */
    static void requireTomcat(String least) {
        Runtime.Version here = Runtime.Version.parse(withoutLastZero(ServerInfo.getServerNumber()));
        assumeThat(here).isGreaterThanOrEqualTo(Runtime.Version.parse(least));
    }

    private static String withoutLastZero(String number) {
        return number.replaceFirst("\\.0$", "");
    }

    static void text(HttpServletResponse response, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.setContentType("text/plain;charset=UTF-8");
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    /** Answers the digest of the request's body. */
    static void answerDigest(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        text(response, Payload.digest(request.getInputStream()).toString());
    }

    @BeforeAll
    static void recordWarnings() {
        TOMCAT.setLevel(Level.WARNING);
        LOG.install();
    }

    @BeforeEach
    final void countResources() throws Exception {
        LOG.drain();
        LOG.expect(record -> subject().isKnownNoise(record));
        LOG.expect(ServerContract::tellsOfAStarvedMachine);
        if (WARM.add(subject().name())) {
            try (TestServer server = helloServer().start()) {
                assertThat(server.get("/hello").text()).isEqualTo("hello");
            }
            servers.clear();
        }
        before = ProcessResources.now();
    }

    /** Tomcat warns when its random numbers took 100 ms, which on a machine without a CPU to spare they do. */
    private static boolean tellsOfAStarvedMachine(LogRecord told) {
        return String.valueOf(told.getMessage()).startsWith("Creation of SecureRandom instance");
    }

    @AfterEach
    final void everythingWasGivenBack() throws Exception {
        try {
            for (TestServer server : servers) {
                server.closeClients();
                if (server.running()) {
                    awaitNoConnections(server);
                }
            }
        } finally {
            closeServers();
        }
        Bounded.until(
                () -> ProcessResources.now().beyond(before).isEmpty(),
                () -> ProcessResources.now().beyond(before));
        assertThat(LOG.drain()).as("logged at WARNING or above").isEmpty();
    }

    /** Whatever failed: the next test must not find this one's servers. */
    private void closeServers() throws Exception {
        for (TestServer server : servers) {
            server.close();
        }
    }

    @AfterAll
    static void nothingWasLoggedLate() {
        LOG.uninstall();
        assertThat(LOG.drain()).as("logged at WARNING or above after the tests").isEmpty();
    }
}
