// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What this process holds of the kernel and of threads, so that two moments can be compared.
 *
 * @param descriptors number of open descriptors by kind: {@code socket}, {@code anon_inode:[eventpoll]}, {@code
 *     pipe}, and files by path
 * @param threads live platform threads other than the JDK's own
 */
record ProcessResources(Map<String, Integer> descriptors, Set<Thread> threads) {
    /**
     * Threads that the JDK starts once and keeps, those of the build and the tests, and the one that Tomcat's WebSocket
     * implementation lets sleep its last second after it stopped it.
     */
    private static final Pattern OF_THE_JDK =
            Pattern.compile(
                    "(Read|Write|Master)-Poller|VirtualThread-.*|ForkJoinPool.*|Common-Cleaner|Keep-Alive-.*|process"
                        + " reaper.*|Attach Listener|WebSocket background"
                        + " processing.*|surefire-.*|junit-.*|test-background|JFR.*|netpoll-context-timer|C[12]"
                        + " .*|InnocuousThread.*");

    static ProcessResources now() {
        return new ProcessResources(openDescriptors(), platformThreads());
    }

    /** What {@code this} has and {@code before} had not; empty when all was given back. */
    List<String> beyond(ProcessResources before) {
        List<String> more =
                descriptors.entrySet().stream()
                        .filter(
                                kind ->
                                        kind.getValue()
                                                > before.descriptors.getOrDefault(kind.getKey(), 0))
                        .map(
                                kind ->
                                        kind.getKey()
                                                + ": "
                                                + before.descriptors.getOrDefault(kind.getKey(), 0)
                                                + " -> "
                                                + kind.getValue())
                        .collect(Collectors.toList());
        threads.stream()
                .filter(thread -> !before.threads.contains(thread) && thread.isAlive())
                .forEach(thread -> more.add("thread " + thread));
        return more;
    }

    private static Map<String, Integer> openDescriptors() {
        Map<String, Integer> kinds = new TreeMap<>();
        try (DirectoryStream<Path> directory = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : directory) {
                kinds.merge(kind(descriptor), 1, Integer::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The listing itself, and what class loading opens and keeps.
        kinds.keySet()
                .removeIf(kind -> kind.isEmpty() || kind.endsWith("/fd") || kind.endsWith(".jar"));
        return kinds;
    }

    private static String kind(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString().replaceFirst(":\\[\\d+]$", "");
        } catch (NoSuchFileException closedMeanwhile) {
            return "";
        }
    }

    private static Set<Thread> platformThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !OF_THE_JDK.matcher(thread.getName()).matches())
                .collect(Collectors.toSet());
    }
}
