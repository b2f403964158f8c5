// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a class of tests in a JVM of its own, for what a JVM can have only once or keeps for good. The class has
 * a name that the build does not take for a test's.
 */
public final class OwnJvm {

    private static final long SECONDS = 300;

    private OwnJvm() {}

    /**
     * Runs all tests of {@code type}, with the engine's flags and these.
     *
     * @return how many have passed
     * @throws AssertionError with what it printed, when one has failed or none was found
     */
    public static int run(Class<?> type, String... flags) throws IOException, InterruptedException {
        Path output = Files.createTempFile("own-jvm", ".txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(Arrays.asList(flags));
        command.addAll(List.of("-cp", classPath(), OwnJvm.class.getName(), type.getName()));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
            String printed = Files.readString(output);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(
                        (ended ? "tests failed: " : "did not end: ") + type + "\n" + printed);
            }
            return Integer.parseInt(printed.substring(printed.lastIndexOf(' ') + 1).strip());
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /** With the launcher, which Surefire may have given to this JVM by a loader of its own. */
    private static String classPath() {
        return String.join(
                File.pathSeparator,
                System.getProperty("java.class.path"),
                ModuleApplication.placeOf(LauncherFactory.class).toString());
    }

    /** The other JVM. */
    public static void main(String[] type) {
        var summary = new SummaryGeneratingListener();
        var request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(DiscoverySelectors.selectClass(type[0]))
                        .build();
        LauncherFactory.create().execute(request, summary);
        var result = summary.getSummary();
        result.printFailuresTo(new PrintWriter(System.out, true), 40);
        System.out.println("passed: " + result.getTestsSucceededCount());
        boolean well = result.getTotalFailureCount() == 0 && result.getTestsSucceededCount() > 0;
        System.exit(well ? 0 : 1);
    }
}
