// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over every source of the checkout, so that formatting is nobody's opinion.
 *
 * <p>Run by the build: {@code check} fails on the first difference, {@code replace} rewrites. With
 * {@code spdx} behind either, every source has to begin with the line that names its licence.
 */
final class FormatSources {

    private static final String LICENSE = "// SPDX-License-Identifier: Apache-2.0\n";

    private FormatSources() {}

    public static void main(String[] args) throws Exception {
        List<String> words = List.of(args);
        boolean replace = words.contains("replace");
        List<String> sources = sources(Path.of(""));
        boolean licensed = !words.contains("spdx") || license(sources, replace);
        int code = format(sources, replace);
        if (code != 0 || !licensed) {
            System.err.println(
                    "The files above are not in the project's format. Run: ./mvnw -N -Pformat"
                            + " process-sources");
            System.exit(1);
        }
    }

    private static int format(List<String> sources, boolean replace) throws Exception {
        List<String> command = new ArrayList<>(List.of("--aosp", "--skip-javadoc-formatting"));
        command.addAll(
                replace ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        command.addAll(sources);
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        return new com.google.googlejavaformat.java.Main(out, err, System.in)
                .format(command.toArray(String[]::new));
    }

    /** Puts the line where it is missing, or says where; whether all have it now. */
    private static boolean license(List<String> sources, boolean replace) throws IOException {
        boolean all = true;
        for (String source : sources) {
            Path file = Path.of(source);
            String text = Files.readString(file);
            if (text.startsWith(LICENSE)) {
                continue;
            }
            if (replace) {
                Files.writeString(file, LICENSE + text);
            } else {
                System.out.println(source + " (its first line does not name the licence)");
                all = false;
            }
        }
        return all;
    }

    private static List<String> sources(Path root) throws IOException {
        try (var walk = Files.walk(root)) {
            return walk.filter(p -> p.toString().endsWith(".java"))
                    .filter(
                            p ->
                                    !p.toString().contains("target/")
                                            && !p.toString().contains(".work/"))
                    .map(Path::toString)
                    .sorted()
                    .toList();
        }
    }
}
