import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs google-java-format over every source of the checkout, so that formatting is nobody's opinion.
 *
 * <p>Run by the build: {@code check} fails on the first difference, {@code replace} rewrites.
 */
final class FormatSources {

    private FormatSources() {}

    public static void main(String[] args) throws Exception {
        boolean replace = args.length > 0 && args[0].equals("replace");
        List<String> command = new ArrayList<>(List.of("--aosp", "--skip-javadoc-formatting"));
        command.addAll(
                replace ? List.of("--replace") : List.of("--dry-run", "--set-exit-if-changed"));
        command.addAll(sources(Path.of("")));
        PrintWriter out = new PrintWriter(System.out, true);
        PrintWriter err = new PrintWriter(System.err, true);
        int code =
                new com.google.googlejavaformat.java.Main(out, err, System.in)
                        .format(command.toArray(String[]::new));
        if (code != 0) {
            err.println(
                    "The files above are not in the project's format. Run: ./mvnw -N -Pformat"
                            + " process-sources");
            System.exit(code);
        }
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
