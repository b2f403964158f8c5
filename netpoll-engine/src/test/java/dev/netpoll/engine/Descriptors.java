// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The sockets, epoll instances and eventfds this process has open, as /proc shows them. */
public final class Descriptors {

    private static final Path OWN = Path.of("/proc/self/fd");

    private Descriptors() {}

    public static Set<String> open() {
        Set<String> open = new TreeSet<>();
        try (Stream<Path> links = Files.list(OWN)) {
            for (Path link : links.toList()) {
                String target = target(link);
                if (target.startsWith("socket:") || target.startsWith("anon_inode:[event")) {
                    open.add(link.getFileName() + " " + target);
                }
            }
        } catch (IOException e) {
            throw new AssertionError("/proc/self/fd cannot be read", e);
        }
        return open;
    }

    /** Those that are open now and were not {@code before}. */
    public static Set<String> beyond(Set<String> before) {
        Set<String> more = open();
        more.removeAll(before);
        return more;
    }

    private static String target(Path link) throws IOException {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (NoSuchFileException e) {
            return ""; // closed while we looked
        }
    }
}
