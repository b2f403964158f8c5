// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.testsupport.ModuleApplication;
import dev.netpoll.web.RequestContexts;

import jakarta.annotation.Resource;

import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** An embedded Tomcat on the module path: on the engine, with contexts, and with no Spring. */
class ModulePathTest {

    @TempDir private Path dir;

    @Test
    void theModulesExportAllThatTheyAre() {
        for (Class<?> type : new Class<?>[] {NetpollHttp11Protocol.class, RequestContexts.class}) {
            var descriptor = ModuleApplication.exportingModuleOf(type);
            assertThat(descriptor.opens()).isEmpty();
        }
    }

    @Test
    void anEmbeddedTomcatOnTheModulePathServesOnTheLoops() throws Exception {
        var app =
                new ModuleApplication(
                        dir,
                        ModuleApplication.placesOf(
                                NetpollHttp11Protocol.class,
                                RequestContexts.class,
                                CancelContext.class,
                                NetpollEngine.class,
                                Tomcat.class,
                                Resource.class,
                                NullMarked.class));
        String refused =
                app.compile(
                        """
                        module app {
                            requires dev.netpoll.tomcat;
                            exports app;
                        }
                        """,
                        """
                        package app;

                        import dev.netpoll.tomcat.*;
                        import dev.netpoll.web.*;
                        import jakarta.servlet.http.*;
                        import java.io.IOException;
                        import java.net.*;
                        import java.nio.file.Path;
                        import org.apache.catalina.Context;
                        import org.apache.catalina.connector.Connector;
                        import org.apache.catalina.startup.Tomcat;

                        public class App extends HttpServlet {
                            @Override
                            protected void doGet(HttpServletRequest request, HttpServletResponse response)
                                    throws IOException {
                                response.getWriter().print(
                                        Thread.currentThread() + " " + (RequestContext.of(request) != null));
                            }

                            public static void main(String[] args) throws Exception {
                                System.out.println(EngineProbe.ofThisJvm().obstacle());
                                Tomcat tomcat = new Tomcat();
                                tomcat.setBaseDir(System.getProperty("base"));
                                Connector connector = new Connector(TomcatCompatibility.PROTOCOL);
                                connector.setPort(0);
                                tomcat.setConnector(connector);
                                Context root = tomcat.addContext("", null);
                                Tomcat.addServlet(root, "app", new App());
                                root.addServletMappingDecoded("/", "app");
                                tomcat.getEngine().getPipeline().addValve(
                                        new ContextValve(new RequestContexts(RequestSettings.defaults()), false));
                                tomcat.start();
                                try (Socket client = new Socket("127.0.0.1", connector.getLocalPort())) {
                                    client.getOutputStream().write(
                                            "GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n".getBytes());
                                    System.out.println(new String(client.getInputStream().readAllBytes()));
                                }
                                tomcat.stop();
                                tomcat.destroy();
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        String printed =
                app.run(
                        "-Dbase=" + dir,
                        "--add-opens=java.base/java.lang=dev.netpoll.engine",
                        "--enable-native-access=dev.netpoll.engine");
        assertThat(printed)
                .startsWith("null\n")
                .contains("HTTP/1.1 200")
                .containsPattern("VirtualThread\\[#\\d+,http-netpoll-.*@netpoll-carrier-\\d+ true")
                .doesNotContain(
                        "Exception", "SEVERE"); // the warnings are of Tomcat's search for leaks
    }
}
