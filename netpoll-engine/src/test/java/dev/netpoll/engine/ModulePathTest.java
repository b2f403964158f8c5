// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An application on the module path: it needs the face alone, reaches nothing else, and runs on the loops. */
class ModulePathTest {

    private static final long SECONDS = 60;

    @TempDir private Path dir;

    @Test
    void theModuleExportsTheFaceAlone() {
        var descriptor =
                ModuleFinder.of(engine()).find("dev.netpoll.engine").orElseThrow().descriptor();
        assertThat(descriptor.isAutomatic()).isFalse();
        assertThat(descriptor.exports())
                .allMatch(e -> !e.isQualified())
                .extracting(e -> e.source())
                .containsExactlyInAnyOrder(
                        "dev.netpoll.engine", "dev.netpoll.engine.io", "dev.netpoll.engine.stats");
        assertThat(descriptor.opens()).isEmpty();
    }

    @Test
    void anApplicationOnTheModulePathRunsOnTheLoops() throws Exception {
        compile(
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
        String printed =
                run(
                        "java",
                        "--module-path",
                        modules() + File.pathSeparator + dir.resolve("out"),
                        "--add-opens",
                        "java.base/java.lang=dev.netpoll.engine",
                        "--enable-native-access=dev.netpoll.engine",
                        "--module",
                        "app/app.App");
        assertThat(printed.strip()).isEqualTo("echo true");
    }

    @Test
    void theInternalsCannotBeReached() throws Exception {
        String refused =
                compiled(
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

    private void compile(String application) throws Exception {
        assertThat(compiled(application)).isEmpty();
    }

    private String compiled(String application) throws Exception {
        Path source = Files.createDirectories(dir.resolve("src/app")).resolve("App.java");
        Files.writeString(source, application);
        Path module = dir.resolve("src/module-info.java");
        Files.writeString(module, "module app { requires dev.netpoll.engine; }");
        return run(
                "javac",
                "--module-path",
                modules(),
                "-d",
                dir.resolve("out").toString(),
                module.toString(),
                source.toString());
    }

    private static String modules() {
        return engine() + File.pathSeparator + place(NullMarked.class);
    }

    private static Path engine() {
        return place(NetpollEngine.class);
    }

    private static Path place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a tool of this JDK prints, on either stream. */
    private String run(String tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(List.of(arguments));
        Path output = dir.resolve(tool + ".txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }
}
