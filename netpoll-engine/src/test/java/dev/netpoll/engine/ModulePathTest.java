// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.ModuleApplication;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.lang.module.ModuleDescriptor.Exports;
import java.nio.file.Path;

/** An application on the module path: it needs the face alone, reaches nothing else, and runs on the loops. */
class ModulePathTest {

    private static final String DESCRIPTOR = "module app { requires dev.netpoll.engine; }";

    @TempDir private Path dir;

    @Test
    void theModuleExportsTheFaceAlone() {
        var descriptor =
                ModuleApplication.descriptor(ModuleApplication.placeOf(NetpollEngine.class));
        assertThat(descriptor.name()).isEqualTo("dev.netpoll.engine");
        assertThat(descriptor.isAutomatic()).isFalse();
        assertThat(descriptor.exports())
                .allMatch(e -> !e.isQualified())
                .extracting(Exports::source)
                .containsExactlyInAnyOrder(
                        "dev.netpoll.engine", "dev.netpoll.engine.io", "dev.netpoll.engine.stats");
        assertThat(descriptor.opens()).isEmpty();
    }

    @Test
    void anApplicationOnTheModulePathRunsOnTheLoops() throws Exception {
        var app = application();
        String refused =
                app.compile(
                        DESCRIPTOR,
                        """
                        package app;

                        import dev.netpoll.engine.*;
                        import java.net.*;
                        import java.nio.ByteBuffer;
                        import java.time.Duration;

                        public class App {
                            public static void main(String[] args) throws Exception {
                                try (var engine = NetpollEngine.start(EngineConfig.defaults());
                                        var listener = engine.listen(
                                                new InetSocketAddress("127.0.0.1", 0), ListenOptions.defaults());
                                        var client = engine.connect(listener.localAddress(), Duration.ofSeconds(10));
                                        var server = listener.accept()) {
                                    client.write(ByteBuffer.wrap("echo".getBytes()));
                                    ByteBuffer got = ByteBuffer.allocate(4);
                                    while (got.hasRemaining()) {
                                        server.read(got);
                                    }
                                    System.out.println(new String(got.array()) + " " + engine.carriesThreads());
                                }
                            }
                        }
                        """);
        assertThat(refused).isEmpty();
        String printed =
                app.run(
                        "--add-opens=java.base/java.lang=dev.netpoll.engine",
                        "--enable-native-access=dev.netpoll.engine");
        assertThat(printed.strip()).isEqualTo("echo true");
    }

    @Test
    void theInternalsCannotBeReached() throws Exception {
        String refused =
                application()
                        .compile(
                                DESCRIPTOR,
                                """
                                package app;

                                public class App {
                                    Object kernel = new dev.netpoll.engine.internal.sys.LinuxKernel();
                                }
                                """);
        assertThat(refused)
                .contains("package dev.netpoll.engine.internal.sys is not visible")
                .contains("does not export it");
    }

    private ModuleApplication application() {
        return new ModuleApplication(
                dir, ModuleApplication.placesOf(NetpollEngine.class, NullMarked.class));
    }
}
