// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.differential.DifferentialRun;
import dev.netpoll.testsupport.differential.Server;
import dev.netpoll.testsupport.differential.Vectors;
import dev.netpoll.web.AdmissionControl;
import dev.netpoll.web.RequestContexts;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Spring MVC application answers odd requests with the starter as it does without: on the engine, and on NIO with all
 * filters and rules that the starter has. What may differ stands in {@code docs/differences-from-nio.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
class ApplicationDifferentialTest {

    private static final String REPLAY =
            "./mvnw -o -q -pl starter-autoconfigure -am test -Dtest=ApplicationDifferentialTest"
                    + " -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dsurefire.extra.flags=-D"
                    + DifferentialRun.REPLAY
                    + "=%s";

    /** Everything that looks at a request, and nothing that ends one. */
    private static final String[] EVERYTHING = {
        "--netpoll.cancel.half-close-window=1m",
        "--netpoll.context.query-strings=true",
        "--netpoll.deadlines.default=1h",
        "--netpoll.deadlines.rules[0].path=/echo/**",
        "--netpoll.deadlines.rules[0].timeout=50m",
        "--netpoll.deadlines.rules[1].path=/{name}",
        "--netpoll.deadlines.rules[1].method=get",
        "--netpoll.deadlines.rules[1].timeout=40m",
        "--netpoll.admission.max-concurrent=10000",
        "--netpoll.admission.by-remaining-time=true",
        "--netpoll.admission.exclude=/ignore,/actuator/**"
    };

    private final List<ConfigurableApplicationContext> applications = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final ListAppender<ILoggingEvent> errors = new ListAppender<>();

    @BeforeAll
    void start() {
        add("NIO", "--netpoll.tomcat.enabled=false", "--netpoll.context.enabled=false");
        add("netpoll by default", "--netpoll.cancel.half-close-window=1m");
        add("netpoll with everything", EVERYTHING);
        add("NIO with everything", with("--netpoll.tomcat.enabled=false", EVERYTHING));
        errors.start();
        rootLogger().addAppender(errors);
    }

    private static Logger rootLogger() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static String[] with(String first, String[] others) {
        return Stream.concat(Stream.of(first), Arrays.stream(others)).toArray(String[]::new);
    }

    private void add(String name, String... properties) {
        ConfigurableApplicationContext application =
                EchoApplication.run(
                        EchoApplication.class,
                        with(
                                "--server.tomcat.max-swallow-size=4KB",
                                with(
                                        // The engine's own default is unlimited.
                                        "--server.tomcat.max-keep-alive-requests=100",
                                        properties)));
        applications.add(application);
        servers.add(
                new Server(
                        name,
                        Servers.serverOf(application).getPort(),
                        Servers.protocolOf(application).equals(Servers.EPOLL)));
    }

    private DifferentialRun run() {
        return new DifferentialRun(
                servers.getFirst(),
                servers.subList(1, servers.size()),
                ApplicationDifferentialTest::stable);
    }

    /** Boot's error page has the time. */
    private static String stable(String received) {
        return DifferentialRun.withoutDate(received)
                .replaceAll("\"timestamp\":\"[^\"]*\"", "\"timestamp\":\"\"");
    }

    @AfterAll
    void nothingIsLeftActive(CapturedOutput output) {
        rootLogger().detachAppender(errors);
        // The two on the engine: NIO forgets asynchronous requests whose client resets.
        for (ConfigurableApplicationContext application : applications.subList(1, 3)) {
            RequestContexts contexts = application.getBean(RequestContexts.class);
            Bounded.until(() -> contexts.active() == 0, () -> contexts.active() + " active");
            application
                    .getBeanProvider(AdmissionControl.class)
                    .ifAvailable(
                            admission ->
                                    Bounded.until(
                                            () -> admission.statistics().running() == 0,
                                            admission::statistics));
        }
        applications.forEach(ConfigurableApplicationContext::close);
        assertThat(output).doesNotContain("Graceful shutdown aborted");
        assertThat(errors.list.stream().filter(ApplicationDifferentialTest::isUnexpected))
                .as("logged at ERROR")
                .isEmpty();
    }

    /**
     * What the application's handlers throw because a body is none, and Spring because a path parameter does not decode,
     * Tomcat logs on any connector.
     */
    private static boolean isUnexpected(ILoggingEvent event) {
        String message = event.getFormattedMessage();
        return event.getLevel().isGreaterOrEqual(Level.ERROR)
                && !message.startsWith("Servlet.service()")
                && !message.startsWith("Exception Processing [ErrorPage[");
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void namedInputsAreAnsweredAsWithoutTheStarter() throws Exception {
        DifferentialRun run = run();
        run.all(Vectors.cases());
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }

    @Test
    @DisabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void generatedInputsAreAnsweredAsWithoutTheStarter() throws Exception {
        DifferentialRun run = run();
        run.generated(1_000, 20_000);
        System.out.println(run.summary());
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }

    @Test
    @EnabledIfSystemProperty(named = DifferentialRun.REPLAY, matches = ".*")
    void aCaseOfTheCommandLineIsAnsweredAsWithoutTheStarter() throws Exception {
        DifferentialRun run = run();
        System.out.println(run.replay(System.getProperty(DifferentialRun.REPLAY)));
        assertThat(run.isClean()).as(() -> run.report(REPLAY)).isTrue();
    }
}
