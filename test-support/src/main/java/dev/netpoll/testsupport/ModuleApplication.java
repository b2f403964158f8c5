// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application on the module path: a module {@code app} of one class {@code app.App}, compiled and run by the
 * tools of this JDK, each in a process of its own.
 */
public final class ModuleApplication {

    private static final long SECONDS = 60;

    private final Path folder;
    private final List<Path> modules;

    /**
     * @param folder where sources, classes and output go
     * @param modules what is on the module path beside the application
     */
    public ModuleApplication(Path folder, List<Path> modules) {
        this.folder = folder;
        this.modules = List.copyOf(modules);
    }

    /** Returns the descriptor of the module that stands at {@code place}. */
    public static ModuleDescriptor descriptor(Path place) {
        return ModuleFinder.of(place).findAll().stream()
                .findAny()
                .orElseThrow(() -> new AssertionError("no module: " + place))
                .descriptor();
    }

    /**
     * Returns the descriptor of the module that {@code type} is in, after checks that it has the name of the type's
     * package, and exports each of its packages to all.
     */
    public static ModuleDescriptor exportingModuleOf(Class<?> type) {
        ModuleDescriptor descriptor = descriptor(placeOf(type));
        assertThat(descriptor.name()).isEqualTo(type.getPackageName());
        assertThat(descriptor.isAutomatic()).isFalse();
        assertThat(descriptor.exports())
                .allMatch(e -> !e.isQualified())
                .extracting(e -> e.source())
                .containsExactlyInAnyOrderElementsOf(descriptor.packages());
        return descriptor;
    }

    /** Returns the folder of classes or the jar that each of these classes is in. */
    public static List<Path> placesOf(Class<?>... types) {
        return Arrays.stream(types).map(ModuleApplication::placeOf).toList();
    }

    /** Returns the folder of classes or the jar that {@code type} is in. */
    public static Path placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Compiles the application; returns what the compiler says, nothing if all is well. */
    public String compile(String descriptor, String application)
            throws IOException, InterruptedException {
        Path source = Files.createDirectories(folder.resolve("src/app")).resolve("App.java");
        Files.writeString(source, application);
        Path module = folder.resolve("src/module-info.java");
        Files.writeString(module, descriptor);
        return tool(
                "javac",
                Stream.of(
                        "-parameters",
                        "--module-path",
                        path(modules),
                        "-d",
                        classes().toString(),
                        module.toString(),
                        source.toString()));
    }

    /** Runs it with these flags of the JVM; returns what it prints, on either stream. */
    public String run(String... flags) throws IOException, InterruptedException {
        List<Path> all = new ArrayList<>(modules);
        all.add(classes());
        return tool(
                "java",
                Stream.of(
                                Stream.of("--module-path", path(all)),
                                Arrays.stream(flags),
                                Stream.of("--module", "app/app.App"))
                        .flatMap(parts -> parts));
    }

    private Path classes() {
        return folder.resolve("out");
    }

    private static String path(List<Path> places) {
        return places.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private String tool(String name, Stream<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
        arguments.forEach(command::add);
        Path output = folder.resolve(name + ".txt");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError(name + " did not end: " + Files.readString(output));
            }
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }
}
