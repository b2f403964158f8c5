// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.actuate.NetpollObserverAutoConfiguration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.http.server.reactive.HttpHandler;

import reactor.core.publisher.Mono;

@ExtendWith(OutputCaptureExtension.class)
class OtherServersTest {

    private static final String LEAVES = "INFO OtherServers netpoll leaves ";

    private final WebApplicationContextRunner jetty =
            new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
                    .withConfiguration(
                            AutoConfigurations.of(
                                    NetpollAutoConfiguration.class,
                                    NetpollObserverAutoConfiguration.class,
                                    JettyServletWebServerAutoConfiguration.class))
                    .withUserConfiguration(Servers.ThreadServletConfiguration.class)
                    .withPropertyValues("server.port=0");

    private final ReactiveWebApplicationContextRunner webFlux =
            new ReactiveWebApplicationContextRunner(
                            AnnotationConfigReactiveWebServerApplicationContext::new)
                    .withConfiguration(AutoConfigurations.of(NetpollAutoConfiguration.class))
                    .withBean(HttpHandler.class, () -> (_, _) -> Mono.empty())
                    .withPropertyValues("server.port=0");

    @Test
    void jettyIsLeftAloneAndOneLineSaysSo(CapturedOutput output) {
        jetty.run(context -> assertThat(Servers.get(context, "/thread")).isEqualTo("platform"));
        assertThat(output)
                .containsOnlyOnce(LEAVES + "Jetty alone: its engine serves Spring MVC on Tomcat");
    }

    @Test
    void jettyStartsWhereNoTomcatIs(CapturedOutput output) {
        jetty.withClassLoader(
                        new FilteredClassLoader(
                                "org.apache.catalina",
                                "org.apache.coyote",
                                "org.springframework.boot.tomcat"))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).containsOnlyOnce(LEAVES + "Jetty alone");
    }

    @Test
    void jettyIsLeftWithoutAWordWhenNetpollIsSwitchedOff(CapturedOutput output) {
        jetty.withPropertyValues("netpoll.tomcat.enabled=false")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).doesNotContain("netpoll leaves");
    }

    @Test
    void webFluxOnNettyIsLeftAloneAndOneLineSaysSo(CapturedOutput output) {
        webFlux.withConfiguration(
                        AutoConfigurations.of(NettyReactiveWebServerAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output)
                .containsOnlyOnce(
                        LEAVES
                                + "Netty under WebFlux alone: its engine serves Spring MVC on"
                                + " Tomcat");
    }

    @Test
    void webFluxOnTomcatIsLeftAloneAndOneLineSaysSo(CapturedOutput output) {
        webFlux.withConfiguration(
                        AutoConfigurations.of(TomcatReactiveWebServerAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).containsOnlyOnce(LEAVES + "Tomcat under WebFlux alone");
        assertThat(output).doesNotContain("http-netpoll");
    }

    @Test
    void aWarInAServerOfItsOwnIsToldThatTheEngineIsForTheEmbeddedOne(CapturedOutput output) {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(NetpollAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output)
                .containsOnlyOnce("this application is a WAR in a server of its own")
                .contains("Start it as a jar to have the engine");
    }

    @Test
    void aWarIsLeftWithoutAWordWhenNetpollIsSwitchedOff(CapturedOutput output) {
        new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(NetpollAutoConfiguration.class))
                .withPropertyValues("netpoll.tomcat.enabled=false")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output).doesNotContain("WAR");
    }
}
