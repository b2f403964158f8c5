// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The Java code in README and docs compiles against the product. */
class DocumentedCodeTest {

    private static final Path TOP = Path.of("..");

    /** What only documented code uses. */
    private static final Path LIBRARIES = Path.of("target", "documented-libraries");

    private static final Pattern CODE = Pattern.compile("(?ms)^```java\\R(.*?)^```");

    private static final String IMPORTS =
            """
            import static dev.netpoll.sample.orders.Given.*;
            import static org.assertj.core.api.Assertions.*;
            import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.*;
            import com.tngtech.archunit.core.importer.*;
            import dev.netpoll.context.*;
            import dev.netpoll.context.spring.*;
            import dev.netpoll.context.task.*;
            import dev.netpoll.engine.*;
            import dev.netpoll.test.*;
            import dev.netpoll.test.rules.*;
            import dev.netpoll.tomcat.*;
            import dev.netpoll.web.*;
            import java.time.Duration;
            import java.util.*;
            import java.util.concurrent.Future;
            import org.junit.jupiter.api.Test;
            import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
            import org.springframework.context.annotation.*;
            import org.springframework.web.bind.annotation.*;
            import org.springframework.web.client.RestClient;
            """;

    /** A piece of code and where it stands. */
    private record Piece(Path document, int number, String code) {

        @Override
        public String toString() {
            return document.getFileName() + ", piece " + number;
        }

        /** Its imports come first; the rest is a type, a program, members of a type, or statements. */
        String source() {
            StringBuilder imports = new StringBuilder();
            StringBuilder rest = new StringBuilder();
            code.lines()
                    .forEach(
                            line ->
                                    (line.startsWith("import ") ? imports : rest)
                                            .append(line)
                                            .append('\n'));
            if (rest.indexOf("void main()") >= 0) {
                return imports.toString() + rest;
            }
            return "package dev.netpoll.sample.orders;\n" + IMPORTS + imports + wrapped(rest);
        }

        private static String wrapped(StringBuilder rest) {
            String code = rest.toString().stripLeading();
            if (Pattern.compile("(?m)^(final )?(class|record|interface) ").matcher(code).find()) {
                return code;
            }
            return code.startsWith("@")
                    ? "class Piece { " + code + " }"
                    : "class Piece { void run() throws Exception { " + code + " } }";
        }
    }

    static Stream<Piece> pieces() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(TOP.resolve("README.md")));
        try (Stream<Path> docs = Files.list(TOP.resolve("docs"))) {
            docs.filter(path -> path.toString().endsWith(".md")).sorted().forEach(documents::add);
        }
        return documents.stream().flatMap(DocumentedCodeTest::piecesOf);
    }

    private static Stream<Piece> piecesOf(Path document) {
        try {
            List<Piece> pieces = new ArrayList<>();
            Matcher code = CODE.matcher(Files.readString(document));
            while (code.find()) {
                pieces.add(new Piece(document, pieces.size() + 1, code.group(1)));
            }
            return pieces.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() throws IOException {
        try (Stream<Path> libraries = Files.list(LIBRARIES)) {
            return Stream.concat(
                            Stream.of(System.getProperty("java.class.path")),
                            libraries.map(Path::toString))
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pieces")
    void itCompiles(Piece piece, @TempDir Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-implicit:none",
                        "-d",
                        classes.toString(),
                        "-Xlint:none",
                        "-classpath",
                        classPath());
        String name = piece.source().contains("void main()") ? "Program" : "Piece";
        JavaFileObject source =
                new SimpleJavaFileObject(
                        URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return piece.source();
                    }
                };

        boolean compiled =
                compiler.getTask(errors, null, null, options, null, List.of(source)).call();

        assertThat(compiled).as(errors.toString()).isTrue();
    }
}
