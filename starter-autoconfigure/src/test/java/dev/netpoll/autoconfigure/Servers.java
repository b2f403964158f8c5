// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.connector.Connector;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.io.IOException;
import java.util.Objects;
import java.util.stream.Stream;

/** Applications on real ports for the tests. */
final class Servers {

    static final String EPOLL = "dev.netpoll.tomcat.NetpollHttp11Protocol";
    static final String NIO = "org.apache.coyote.http11.Http11NioProtocol";

    private Servers() {}

    /** A servlet application with {@link ThreadServlet} on an embedded Tomcat. */
    static WebApplicationContextRunner tomcat() {
        return new WebApplicationContextRunner(
                        AnnotationConfigServletWebServerApplicationContext::new)
                .withConfiguration(
                        AutoConfigurations.of(
                                NetpollAutoConfiguration.class,
                                TomcatServletWebServerAutoConfiguration.class))
                .withUserConfiguration(ThreadServletConfiguration.class)
                .withPropertyValues("server.port=0");
    }

    static WebServer serverOf(ApplicationContext context) {
        ApplicationContext source =
                context instanceof ApplicationContextAssertProvider<?> provider
                        ? provider.getSourceApplicationContext()
                        : context;
        return Objects.requireNonNull(((WebServerApplicationContext) source).getWebServer());
    }

    static Connector connectorOf(ApplicationContext context) {
        return ((TomcatWebServer) serverOf(context)).getTomcat().getConnector();
    }

    static String protocolOf(ApplicationContext context) {
        return connectorOf(context).getProtocolHandlerClassName();
    }

    /** The lines that warn, but for Tomcat's remark on a machine too busy to seed its session ids at once. */
    static Stream<String> warnings(String output) {
        return output.lines()
                .filter(line -> line.contains("WARN"))
                .filter(line -> !line.contains("Creation of SecureRandom"));
    }

    static String get(ApplicationContext context, String path) throws IOException {
        return RawHttp.get(serverOf(context).getPort(), path);
    }

    @Configuration(proxyBeanMethods = false)
    static class ThreadServletConfiguration {

        @Bean
        ServletRegistrationBean<ThreadServlet> threadServlet() {
            return new ServletRegistrationBean<>(new ThreadServlet(), "/thread");
        }
    }

    /** Says what kind of thread it runs on. */
    static final class ThreadServlet extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            response.getWriter().print(Thread.currentThread().isVirtual() ? "virtual" : "platform");
        }
    }
}
