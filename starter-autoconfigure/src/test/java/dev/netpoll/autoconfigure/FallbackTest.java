// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.EngineUnavailableException;
import dev.netpoll.tomcat.EngineProbe;
import dev.netpoll.tomcat.Obstacle;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;

import java.util.List;

@ExtendWith(OutputCaptureExtension.class)
class FallbackTest {

    private static final Obstacle NOT_LINUX =
            new Obstacle("epoll is Linux's, and this is Plan 9", "The engine needs Linux.");

    private static final String OBSTACLE_TO_CARRYING = "java.lang is not open: --add-opens=x";

    private final WebApplicationContextRunner app = Servers.tomcat();

    @Test
    void whereTheEngineCannotRunNioServesAndOneLineSaysWhy(CapturedOutput output) {
        with(NOT_LINUX, null)
                .run(
                        context -> {
                            assertThat(Servers.protocolOf(context)).isEqualTo(Servers.NIO);
                            assertThat(Servers.get(context, "/thread")).isEqualTo("platform");
                        });
        assertThat(warnings(output))
                .containsExactly(
                        "WARN EngineSelection Tomcat's NIO connector serves the web server in place"
                            + " of the netpoll engine: epoll is Linux's, and this is Plan 9. The"
                            + " engine needs Linux. 'netpoll.tomcat.enabled=false' silences this"
                            + " line");
    }

    @Test
    void fallbackFailEndsTheStartNamingTheProperty() {
        with(NOT_LINUX, null)
                .withPropertyValues("netpoll.tomcat.fallback=fail")
                .run(
                        context -> {
                            assertThat(context).hasFailed();
                            assertThat(context.getStartupFailure())
                                    .hasRootCauseInstanceOf(EngineUnavailableException.class)
                                    .rootCause()
                                    .hasMessage(
                                            "netpoll.tomcat.fallback is 'fail', and the web server"
                                                    + " cannot run on the netpoll engine: epoll is"
                                                    + " Linux's, and this is Plan 9.");
                        });
    }

    @Test
    void switchedOffItSaysNothingAndChangesNothing(CapturedOutput output) {
        with(NOT_LINUX, "unused")
                .withPropertyValues("netpoll.tomcat.enabled=false", "netpoll.tomcat.fallback=fail")
                .run(
                        context -> {
                            assertThat(Servers.protocolOf(context)).isEqualTo(Servers.NIO);
                            assertThat(Servers.get(context, "/thread")).isEqualTo("platform");
                        });
        assertThat(output).doesNotContain("netpoll");
    }

    @Test
    void aProtocolTheApplicationChoseIsLeftToIt(CapturedOutput output) {
        String chosen = "org.apache.coyote.http11.Http11Nio2Protocol";
        app.withBean(ProtocolChoice.class, () -> factory -> factory.setProtocol(chosen))
                .run(context -> assertThat(Servers.protocolOf(context)).isEqualTo(chosen));
        assertThat(output)
                .containsOnlyOnce(
                        "INFO EngineSelection netpoll leaves the web server on the "
                                + chosen
                                + " it was given");
    }

    @Test
    void whereLoopsCannotCarryTheJdkDoesAndOneLineSaysHowToChangeThat(CapturedOutput output) {
        with(null, OBSTACLE_TO_CARRYING)
                .run(context -> assertThat(Servers.protocolOf(context)).isEqualTo(Servers.EPOLL));
        assertThat(warnings(output))
                .containsExactly(
                        "WARN EngineSelection The JDK's scheduler carries netpoll's virtual"
                                + " threads, at the cost of a hand-over for each request, because"
                                + " java.lang is not open: --add-opens=x. 'netpoll.carriers=jdk'"
                                + " silences this line");
    }

    @Test
    void theJdksSchedulerAskedForNeedsNoLine(CapturedOutput output) {
        with(null, OBSTACLE_TO_CARRYING)
                .withPropertyValues("netpoll.carriers=jdk")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(warnings(output)).isEmpty();
    }

    @Test
    void carriersLoopEndsTheStartWhereLoopsCannotCarry() {
        with(null, OBSTACLE_TO_CARRYING)
                .withPropertyValues("netpoll.carriers=loop")
                .run(
                        context ->
                                assertThat(context.getStartupFailure())
                                        .rootCause()
                                        .isInstanceOf(EngineUnavailableException.class)
                                        .hasMessage(
                                                "netpoll.carriers is 'loop', and the event loops"
                                                        + " cannot carry virtual threads: "
                                                        + OBSTACLE_TO_CARRYING
                                                        + "."));
    }

    private WebApplicationContextRunner with(
            @Nullable Obstacle obstacle, @Nullable String toCarrying) {
        return app.withBean(EngineProbe.class, () -> new FixedProbe(obstacle, toCarrying));
    }

    private static List<String> warnings(CapturedOutput output) {
        return Servers.warnings(output.toString()).filter(line -> line.startsWith("WARN")).toList();
    }

    /** For the generic type, which a lambda's bean would not have. */
    private interface ProtocolChoice
            extends WebServerFactoryCustomizer<TomcatServletWebServerFactory> {}

    record FixedProbe(@Nullable Obstacle obstacle, @Nullable String obstacleToCarrying)
            implements EngineProbe {}
}
