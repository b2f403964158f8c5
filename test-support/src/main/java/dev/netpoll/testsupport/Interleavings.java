// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs a module's interleaving tests (jcstress). Every guarded one must hold, and its unguarded twin
 * must show what the guard is for: a twin that passes proves that the test can see nothing.
 *
 * <p>By default in their short form: one compiler configuration, a fraction of a second each. {@code
 * -Dinterleavings=full} takes them through the interpreter, both compilers and their mixtures; that
 * takes most of an hour on two cores. CONTRIBUTING.md has the command.
 */
public final class Interleavings {

    private static final boolean FULL = "full".equals(System.getProperty("interleavings"));

    private static final List<String> SHORT_FORM =
            List.of("-f", "1", "-iters", "2", "-sc", "false", "-jvmArgs", "-XX:+UseSerialGC");

    private static final List<String> FULL_FORM = List.of("-m", "quick");

    /** How much longer an iteration lasts each time that a twin has shown nothing. */
    private static final int[] MORE = {5, 20, 100};

    private static final Pattern FORBIDDEN =
            Pattern.compile("^(\\S+) \\[.*]: Observed forbidden state", Pattern.MULTILINE);

    private static final Pattern NAME =
            Pattern.compile("dev\\.netpoll[\\w.]*Interleaving\\.[A-Za-z]+");

    private final Class<?> test;
    private final Path dir;
    private final Duration iteration;

    /**
     * Describes the interleaving tests of the module that {@code test} belongs to.
     *
     * @param dir for what jcstress writes
     * @param iteration how long each iteration of the short form lasts
     */
    public Interleavings(Class<?> test, Path dir, Duration iteration) {
        this.test = test;
        this.dir = dir;
        this.iteration = iteration;
    }

    /** Fails unless every guarded test holds and every twin shows its fault. */
    public void check() throws IOException, InterruptedException {
        Set<String> guarded = named(name -> name.contains(".Guarded"));
        Set<String> twins = named(name -> name.contains(".Unguarded"));
        int all = guarded.size() + twins.size();
        assertThat(named(_ -> true)).hasSize(all);

        String output = FULL ? run("Interleaving", FULL_FORM) : run("Interleaving", 1);
        Set<String> failed = forbidden(output);
        assertThat(failed).as(output).isSubsetOf(twins);
        assertThat(output).contains("Error tests: No matches");
        if (!FULL) {
            assertThat(output)
                    .contains(
                            "%d planned; %d passed, %d failed, 0 soft errs, 0 hard errs"
                                    .formatted(all, all - failed.size(), failed.size()));
        }
        Set<String> silent = new TreeSet<>(twins);
        silent.removeAll(failed);
        assertThat(silentAfterMore(silent)).as(output).isEmpty();
    }

    /** On a busy machine the two actors of a twin may not have met yet. */
    private Set<String> silentAfterMore(Set<String> twins)
            throws IOException, InterruptedException {
        Set<String> silent = new TreeSet<>(twins);
        for (int more : MORE) {
            if (silent.isEmpty()) {
                break;
            }
            silent.removeAll(forbidden(run(String.join("|", silent), more)));
        }
        return silent;
    }

    private String run(String tests, int times) throws IOException, InterruptedException {
        List<String> form = new ArrayList<>(SHORT_FORM);
        form.addAll(List.of("-time", String.valueOf(iteration.toMillis() * times)));
        return run(tests, form);
    }

    private String run(String tests, List<String> form) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        // Two processors: as many as each of the tests has actors. It would measure them instead.
        command.addAll(List.of("org.openjdk.jcstress.Main", "-t", tests, "-c", "2"));
        command.addAll(List.of("-r", dir.toString()));
        command.addAll(form);
        Path output = Files.createTempFile(dir, "output", ".txt");
        Process jcstress =
                new ProcessBuilder(command)
                        .directory(dir.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            // A wake-up that is lost shows as a test that hangs: the one that is not in the output.
            boolean ended = jcstress.waitFor(FULL ? 100 : 10, TimeUnit.MINUTES);
            assertThat(ended).as("it came to an end: %s", Files.readString(output)).isTrue();
        } finally {
            jcstress.descendants().forEach(ProcessHandle::destroyForcibly);
            jcstress.destroyForcibly();
        }
        return Files.readString(output);
    }

    private static Set<String> forbidden(String output) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = FORBIDDEN.matcher(output);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    /** The names of the module's interleaving tests, from the list that jcstress's processor wrote. */
    private Set<String> named(Predicate<String> which) throws IOException {
        try (InputStream in = test.getResourceAsStream("/META-INF/TestList")) {
            String list = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Set<String> names =
                    NAME.matcher(list)
                            .results()
                            .map(MatchResult::group)
                            .filter(which)
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(names).isNotEmpty();
            return names;
        }
    }
}
