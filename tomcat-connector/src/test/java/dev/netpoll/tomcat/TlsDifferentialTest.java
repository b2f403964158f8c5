// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.differential.DifferentialRun;
import dev.netpoll.testsupport.differential.Server;
import dev.netpoll.testsupport.differential.TlsRecords;
import dev.netpoll.testsupport.differential.Vectors;
import dev.netpoll.web.PeerClose;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.Context;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.LogRecord;

/**
 * Requests, mostly odd ones, are answered over TLS as Tomcat's NIO connector answers them, in whatever records and parts of
 * records they come; and bytes that are no TLS, or half a handshake, or TLS where there is none, end a connection as there.
 * What may differ stands in {@code docs/differences-from-nio.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsDifferentialTest {

    private static final TlsUnderTest OURS = new TlsUnderTest(NetpollContractTest.NETPOLL);
    private static final TlsUnderTest NIO = new TlsUnderTest(TomcatNioContractTest.NIO);

    private static final String REPLAY =
            "./mvnw -o -q -pl tomcat-connector -am test -Dtest='TlsDifferentialTest#aCase%s'"
                    + " -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dsurefire.extra.flags=-D"
                    + DifferentialRun.REPLAY
                    + "=%%s";

    /** A client that stops sending is no matter here: what its request is answered is. */
    private static final RequestSettings SETTINGS =
            RequestSettings.defaults().withPeerClose(PeerClose.RST);

    private static final LogRecorder LOG = new LogRecorder();

    private final RequestContexts contexts = new RequestContexts(SETTINGS);
    private final List<TestServer> servers = new ArrayList<>();
    private ProcessResources before = new ProcessResources(Map.of(), Set.of());
    private final List<Server> compared = new ArrayList<>();
    private final List<Server> plain = new ArrayList<>();

    @BeforeAll
    void startServers() throws Exception {
        LOG.install();
        LOG.expect(TlsDifferentialTest::isNoFinding);
        warmUp();
        before = ProcessResources.now();
        add("NIO", NIO, context -> {});
        add("netpoll without contexts", OURS, context -> {});
        add("netpoll", OURS, ContextValveTest.first(contexts));
        addPlain("plain NIO", TomcatNioContractTest.NIO);
        addPlain("plain netpoll", NetpollContractTest.NETPOLL);
    }

    /** What a JVM opens once and keeps is open before anything is counted. */
    private void warmUp() throws Exception {
        try (TestServer ours = start(OURS, ContextValveTest.first(new RequestContexts(SETTINGS)));
                TestServer nio = start(NIO, context -> {})) {
            Server first = new Server("netpoll", ours.port(), true).over(OURS.tls());
            Server second = new Server("NIO", nio.port(), false).over(OURS.tls());
            new DifferentialRun(first, List.of(second), text -> "")
                    .all(Vectors.cases().subList(0, 50));
        }
    }

    private void add(String name, TlsUnderTest subject, Consumer<Context> setting)
            throws Exception {
        TestServer server = start(subject, setting);
        servers.add(server);
        compared.add(new Server(name, server.port(), subject == OURS).over(OURS.tls()));
    }

    private void addPlain(String name, ConnectorUnderTest subject) throws Exception {
        TestServer server =
                OddRequestServer.on(subject.protocol()).connector(subject::tune).start();
        servers.add(server);
        plain.add(new Server(name, server.port(), subject == NetpollContractTest.NETPOLL));
    }

    private static TestServer start(TlsUnderTest subject, Consumer<Context> setting)
            throws Exception {
        return OddRequestServer.on(subject.protocol())
                .connector(subject::tune)
                .context(setting)
                .start();
    }

    private static DifferentialRun against(List<Server> all) {
        return new DifferentialRun(
                all.getFirst(), all.subList(1, all.size()), DifferentialRun::withoutDate);
    }

    /** The same ports, without TLS on the clients' side. */
    private DifferentialRun raw() {
        return new DifferentialRun(
                rawPort(compared.getFirst()),
                compared.stream().skip(1).map(TlsDifferentialTest::rawPort).toList(),
                TlsRecords::kinds);
    }

    private static Server rawPort(Server tls) {
        return new Server(tls.name(), tls.port(), tls.closesInOrder());
    }

    private static boolean isNoFinding(LogRecord told) {
        String message = String.valueOf(told.getMessage());
        return OURS.isKnownNoise(told)
                || NIO.isKnownNoise(told)
                || message.startsWith("The ClientHello was not presented in a single TLS record")
                || message.startsWith("Error running socket processor") // NIO, of a doubled group
                || message.startsWith("Servlet.service()")
                        && told.getThrown() instanceof IOException;
    }

    @AfterAll
    void everythingIsGivenBack() throws Exception {
        OddRequestServer.close(servers, contexts, before, LOG);
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void namedInputsAreAnsweredOverTlsAsByNio() throws Exception {
        DifferentialRun run = against(compared);
        run.all(Vectors.followed());
        assertClean(run, "OverTls");
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void generatedInputsAreAnsweredOverTlsAsByNio() throws Exception {
        DifferentialRun run = against(compared);
        run.generated(700, 20_000);
        assertClean(run, "OverTls");
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void whatIsNoTlsEndsAsWithNio() throws Exception {
        DifferentialRun run = raw();
        run.generatedRecords(3_000, 20_000);
        assertClean(run, "OfRawBytes");
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void tlsOnAPlainPortIsAnsweredAsByNio() throws Exception {
        DifferentialRun run = against(plain);
        run.generatedRecords(2_000, 20_000);
        assertClean(run, "OnAPlainPort");
    }

    @Test
    @EnabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void aCaseOverTls() {
        replay(against(compared), "OverTls");
    }

    @Test
    @EnabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void aCaseOfRawBytes() {
        replay(raw(), "OfRawBytes");
    }

    @Test
    @EnabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void aCaseOnAPlainPort() {
        replay(against(plain), "OnAPlainPort");
    }

    private static void replay(DifferentialRun run, String how) {
        System.out.println(run.replay(System.getProperty(DifferentialRun.REPLAY)));
        assertClean(run, how);
    }

    private static void assertClean(DifferentialRun run, String how) {
        System.out.println(run.summary());
        assertThat(run.isClean()).as(() -> run.report(REPLAY.formatted(how))).isTrue();
    }
}
