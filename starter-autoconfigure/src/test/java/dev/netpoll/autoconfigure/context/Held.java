// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.testsupport.Bounded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What this process holds now, by kind: descriptors other than files, and platform threads by name
 * without numbers.
 */
record Held(Map<String, Long> counts) {

    /** Threads that the JDK and the tests start once and keep. */
    private static final Pattern KEPT =
            Pattern.compile(
                    "(Read|Write|Master)-Poller|VirtualThread-.*|ForkJoinPool.*|Common-Cleaner"
                            + "|Keep-Alive-.*|process reaper.*|Attach Listener|surefire-.*|junit-.*"
                            + "|JFR.*|C[12] .*|InnocuousThread.*|client-.*");

    static Held now() {
        Map<String, Long> counts = new TreeMap<>();
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                String kind = kind(descriptor);
                if (!kind.startsWith("/")) {
                    counts.merge(kind, 1L, Long::sum);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> !KEPT.matcher(name).matches())
                .forEach(name -> counts.merge("thread " + plain(name), 1L, Long::sum));
        return new Held(counts);
    }

    private static String kind(Path descriptor) throws IOException {
        try {
            return plain(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException closedMeanwhile) {
            return "/";
        }
    }

    private static String plain(String name) {
        return name.replaceAll("\\d+", "#");
    }

    /** What there is more of than in {@code before}. */
    List<String> beyond(Held before) {
        return counts.entrySet().stream()
                .filter(now -> now.getValue() > before.counts.getOrDefault(now.getKey(), 0L))
                .map(
                        now ->
                                now.getKey()
                                        + ": "
                                        + before.counts.getOrDefault(now.getKey(), 0L)
                                        + " -> "
                                        + now.getValue())
                .collect(Collectors.toList());
    }

    /** Until there is no more of anything than in {@code before}. */
    static void awaitNoMoreThan(Held before) {
        Bounded.until(() -> now().beyond(before).isEmpty(), () -> now().beyond(before));
    }
}
