// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What one client sends on one connection: bytes, where they are cut into separate writes, and what the client
 * does when all are sent. Immutable, though the array is shared.
 *
 * @param name the vector's name, or seed and index of a generated case
 * @param bytes everything that is sent
 * @param cuts positions within the bytes at which one write ends and another begins, ascending
 * @param ending what follows the last byte
 */
public record Case(String name, byte[] bytes, List<Integer> cuts, Ending ending) {

    /** What the client does when its bytes are sent. */
    public enum Ending {
        /** Nothing: it waits for the server to close, which the case must make it do. */
        WAIT,
        /** It closes its sending side, and reads on. */
        HALF_CLOSE,
        /** It closes by RST, and sees no answer. */
        RESET
    }

    private static final String SEPARATOR = ":";

    public static Case of(String name, String text, Ending ending) {
        return new Case(name, text.getBytes(StandardCharsets.ISO_8859_1), List.of(), ending);
    }

    public Case cutAt(Integer... positions) {
        return withCuts(List.of(positions));
    }

    Case withCuts(List<Integer> newCuts) {
        return new Case(name, bytes, newCuts, ending);
    }

    Case withEnding(Ending newEnding) {
        return new Case(name, bytes, cuts, newEnding);
    }

    Case byteByByte() {
        return withCuts(IntStream.range(1, bytes.length).boxed().toList());
    }

    /** The bytes as text, one character each. */
    String text() {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** The writes, in order. */
    List<byte[]> pieces() {
        List<Integer> ends =
                IntStream.concat(
                                cuts.stream().mapToInt(Integer::intValue),
                                IntStream.of(bytes.length))
                        .boxed()
                        .toList();
        return IntStream.range(0, ends.size())
                .mapToObj(i -> Arrays.copyOfRange(bytes, i == 0 ? 0 : ends.get(i - 1), ends.get(i)))
                .toList();
    }

    /** Without the bytes from {@code from} to {@code to}; the cuts stay where they were among the others. */
    Case without(int from, int to) {
        byte[] fewer = new byte[bytes.length - (to - from)];
        System.arraycopy(bytes, 0, fewer, 0, from);
        System.arraycopy(bytes, to, fewer, from, bytes.length - to);
        List<Integer> moved =
                cuts.stream()
                        .map(cut -> cut <= from ? cut : Math.max(from, cut - (to - from)))
                        .filter(cut -> cut > 0 && cut < fewer.length)
                        .distinct()
                        .toList();
        return new Case(name, fewer, moved, ending);
    }

    /** The whole case as one word, for a command line. */
    public String code() {
        return ending
                + SEPARATOR
                + cuts.stream().map(String::valueOf).collect(Collectors.joining("."))
                + SEPARATOR
                + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The case that {@link #code} wrote. */
    static Case decode(String code) {
        String[] parts = code.split(SEPARATOR, -1);
        List<Integer> cuts =
                parts[1].isEmpty()
                        ? List.of()
                        : Arrays.stream(parts[1].split("\\.")).map(Integer::valueOf).toList();
        return new Case(
                "replayed",
                Base64.getUrlDecoder().decode(parts[2]),
                cuts,
                Ending.valueOf(parts[0]));
    }

    /** The bytes as a Java string, with a bar at each cut. */
    String readable() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length && text.length() < Readable.ENOUGH; i++) {
            if (cuts.contains(i)) {
                text.append('|');
            }
            text.append(Readable.character(bytes[i]));
        }
        return text + " (" + bytes.length + " bytes) then " + ending;
    }

    @Override
    public String toString() {
        return name;
    }
}
