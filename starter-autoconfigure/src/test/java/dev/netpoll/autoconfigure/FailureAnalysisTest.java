// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.tomcat.EngineProbe;
import dev.netpoll.tomcat.NetpollHttp11Protocol;
import dev.netpoll.tomcat.Obstacle;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ScheduledExecutorService;

/** What somebody reads whose application does not start. */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalysisTest {

    @Test
    void fallbackFail(CapturedOutput output) {
        fails(NoEngine.class, "--server.port=0", "--netpoll.tomcat.fallback=fail");

        assertThat(analysis(output))
                .isEqualTo(
                        """
                        Description:

                        netpoll.tomcat.fallback is 'fail', and the web server cannot run on the netpoll \
                        engine: epoll is Linux's, and this is Plan 9.

                        Action:

                        The engine needs Linux. Or set 'netpoll.tomcat.fallback=nio' to let Tomcat's NIO \
                        connector serve wherever the engine cannot.
                        """);
    }

    @Test
    void carriersLoop(CapturedOutput output) {
        fails(NoCarrying.class, "--server.port=0", "--netpoll.carriers=loop");

        assertThat(analysis(output))
                .isEqualTo(
                        """
                        Description:

                        netpoll.carriers is 'loop', and the event loops cannot carry virtual \
                        threads: start the JVM with --add-opens=x.

                        Action:

                        Remove that obstacle, or set 'netpoll.carriers=auto' to let the JDK's \
                        scheduler carry them meanwhile.
                        """);
    }

    @Test
    void aPropertyThatDoesNotParse(CapturedOutput output) {
        fails(NoEngine.class, "--server.port=0", "--netpoll.tomcat.fallback=hope");

        assertThat(analysis(output)).contains("netpoll.tomcat.fallback").contains("hope");
    }

    @Test
    void aNumberOfLoopsThatCannotBe(CapturedOutput output) {
        fails(NoEngine.class, "--server.port=0", "--netpoll.loops=-1");

        assertThat(analysis(output)).contains("'netpoll.loops' must be between 0 and 1024, was -1");
    }

    @Test
    void aLinkageErrorWhileStartingEndsTheStartInWordsAndLeavesNothingBehind(CapturedOutput output)
            throws IOException {
        int port = freePort();
        fails(Misfit.class, "--server.port=" + port);

        assertThat(output).contains("Starting ProtocolHandler [\"http-netpoll-" + port);
        assertThat(analysis(output))
                .contains("The netpoll connector does not fit Apache Tomcat/")
                .contains("java.lang.NoSuchMethodError: org.apache.tomcat.gone()")
                .contains("set 'netpoll.tomcat.enabled=false' to let Tomcat's NIO connector serve");
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void aPortInUseIsAnalysedByBootAsEver(CapturedOutput output) throws IOException {
        try (var taken = new ServerSocket(0)) {
            fails(Application.class, "--server.port=" + taken.getLocalPort());

            assertThat(analysis(output))
                    .contains(
                            "Web server failed to start. Port "
                                    + taken.getLocalPort()
                                    + " was already in use.");
        }
    }

    private static void fails(Class<?> application, String... properties) {
        assertThatThrownBy(() -> SpringApplication.run(application, properties).close())
                .isNotNull();
    }

    private static String analysis(CapturedOutput output) {
        String all = output.toString();
        int start = all.indexOf("Description:");
        assertThat(start).as("in %s", all).isPositive();
        return all.substring(start).stripTrailing() + "\n";
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        NetpollAutoConfiguration.class,
        TomcatServletWebServerAutoConfiguration.class
    })
    static class Application {}

    static class NoEngine extends Application {
        @Bean
        EngineProbe probe() {
            var obstacle =
                    new Obstacle("epoll is Linux's, and this is Plan 9", "The engine needs Linux.");
            return new FallbackTest.FixedProbe(obstacle, null);
        }
    }

    static class NoCarrying extends Application {
        @Bean
        EngineProbe probe() {
            return new FallbackTest.FixedProbe(null, "start the JVM with --add-opens=x");
        }
    }

    static class Misfit extends Application
            implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
        @Override
        public void customize(TomcatServletWebServerFactory factory) {
            factory.setProtocol(MisfitProtocol.class.getName());
        }
    }

    /** Lacks a method that Tomcat calls when the port is open already. */
    public static class MisfitProtocol extends NetpollHttp11Protocol {
        @Override
        public ScheduledExecutorService getUtilityExecutor() {
            throw new NoSuchMethodError("org.apache.tomcat.gone()");
        }
    }
}
