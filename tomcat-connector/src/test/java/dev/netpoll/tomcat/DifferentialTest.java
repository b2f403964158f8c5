// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.differential.DifferentialRun;
import dev.netpoll.testsupport.differential.KnownDifference;
import dev.netpoll.testsupport.differential.Server;
import dev.netpoll.testsupport.differential.Vectors;
import dev.netpoll.web.DeadlineHeaders;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.logging.LogRecord;

/**
 * Requests, mostly odd ones, are answered as Tomcat's NIO connector without anything of ours answers them: the bytes,
 * and the end of the connection. A few thousand generated ones; {@code -Dnetpoll.long=true} takes 20,000. What may
 * differ stands in {@code docs/differences-from-nio.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DifferentialTest {

    private static final String OURS = NetpollHttp11Protocol.class.getName();
    private static final String NIO = "org.apache.coyote.http11.Http11NioProtocol";

    private static final String REPLAY =
            "./mvnw -o -q -pl tomcat-connector -am test -Dtest=DifferentialTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dsurefire.extra.flags=-D"
                    + DifferentialRun.REPLAY
                    + "=%s";

    /** A half-close belongs to its request, however long this machine takes to send it. */
    private static final RequestSettings SETTINGS =
            RequestSettings.defaults()
                    .withDeadlines(
                            new DeadlineHeaders(List.of("grpc-timeout", "x-request-timeout-ms")))
                    .withHalfClose(Duration.ofMinutes(1));

    private static final LogRecorder LOG = new LogRecorder();

    private final RequestContexts contexts = new RequestContexts(SETTINGS);
    private final List<TestServer> servers = new ArrayList<>();
    private ProcessResources before = new ProcessResources(Map.of(), Set.of());
    private final List<Server> compared = new ArrayList<>();

    @BeforeAll
    void startServers() throws Exception {
        LOG.install();
        LOG.expect(DifferentialTest::isTheHandlersOwn);
        warmUp();
        before = ProcessResources.now();
        add("NIO", NIO, context -> {});
        add("netpoll without contexts", OURS, context -> {});
        add("netpoll", OURS, ContextValveTest.first(contexts));
        add("NIO with contexts", NIO, ContextValveTest.first(new RequestContexts(SETTINGS)));
    }

    /** What a JVM opens once and keeps is open before anything is counted. */
    private void warmUp() throws Exception {
        RequestContexts ended = new RequestContexts(SETTINGS);
        try (TestServer ours = start(OURS, ContextValveTest.first(ended));
                TestServer nio = start(NIO, context -> {})) {
            Server first = new Server("netpoll", ours.port(), true);
            new DifferentialRun(first, List.of(new Server("NIO", nio.port(), false)), text -> "")
                    .all(Vectors.cases().subList(0, 100));
            ours.get("/slow", "x-request-timeout-ms: 1");
        }
    }

    private void add(String name, String protocol, Consumer<Context> setting) throws Exception {
        TestServer server = start(protocol, setting);
        servers.add(server);
        compared.add(new Server(name, server.port(), protocol.equals(OURS)));
    }

    /** The first is the measure. */
    private DifferentialRun run() {
        return new DifferentialRun(
                compared.getFirst(),
                compared.subList(1, compared.size()),
                DifferentialRun::withoutDate);
    }

    /** A body that ends early or is no body: what these handlers throw then, Tomcat logs for any connector. */
    private static boolean isTheHandlersOwn(LogRecord told) {
        return String.valueOf(told.getMessage()).startsWith("Servlet.service()")
                && told.getThrown() instanceof IOException;
    }

    @AfterAll
    void everythingIsGivenBack() throws Exception {
        OddRequestServer.close(servers, contexts, before, LOG);
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void namedInputsAreAnsweredAsByNio() throws Exception {
        assertThat(Vectors.byName()).hasSizeGreaterThan(150);
        DifferentialRun run = run();
        run.all(Vectors.cases());
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void generatedInputsAreAnsweredAsByNio() throws Exception {
        DifferentialRun run = run();
        run.generated(4_000, 20_000);
        System.out.println(run.summary());
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }

    @Test
    @EnabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void aCaseOfTheCommandLineIsAnsweredAsByNio() {
        DifferentialRun run = run();
        System.out.println(run.replay(System.getProperty(DifferentialRun.REPLAY)));
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }

    /** Or nothing would be known of all the others. */
    @Test
    void aDifferenceIsFoundAndMadeSmall() throws Exception {
        try (TestServer other =
                TestServer.on(OURS)
                        .handle("/echo", (request, response) -> response.setStatus(299))
                        .start()) {
            DifferentialRun run =
                    new DifferentialRun(
                            compared.getFirst(),
                            List.of(new Server("other", other.port(), true)),
                            DifferentialRun::withoutDate);

            run.all(List.of(Vectors.named("9110-5.3 the same name three times")));

            assertThat(run.isClean()).isFalse();
            assertThat(run.report(REPLAY))
                    .contains("1 x other: 299 FIN instead of 200 FIN", "again in 12 of 12")
                    .contains("sent:      /echo HTTP/1.1\\nHost:\\n\\n (")
                    .contains("replay:   ./mvnw ");
        }
    }

    @Test
    void whatMayDifferStandsInTheDocuments() throws IOException {
        String document = Files.readString(Path.of("../docs/differences-from-nio.md"));
        assertThat(KnownDifference.keys())
                .allSatisfy(key -> assertThat(document).contains("`" + key + "`"));
    }

    private static TestServer start(String protocol, Consumer<Context> contextSetting)
            throws Exception {
        return OddRequestServer.on(protocol).context(contextSetting).start();
    }
}
