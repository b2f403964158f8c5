// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Case.Ending;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeSet;

/** Cases that follow from a seed and an index. Immutable. */
final class RandomCases {

    /** The last request of most cases: answered if and only if the server got so far, and the last it answers. */
    static final String SENTINEL = "GET /sentinel HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    private static final String TLS_HELLO =
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003" + "x".repeat(200);

    private static final List<String> RUBBISH =
            List.of(
                    TLS_HELLO,
                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                    "\r\n\r\n\r\n",
                    "\0\0\0\0",
                    "hello",
                    "SSH-2.0-OpenSSH_9.2\r\n",
                    "GET",
                    "HTTP/1.1 200 OK\r\n\r\n",
                    "\u00ff\u00fe\u00fd",
                    "*1\r\n$4\r\nPING\r\n",
                    "<policy-file-request/>\0",
                    "0\r\n\r\n");

    private static final int LONGEST_BYTE_BY_BYTE = 400;

    private final long seed;

    RandomCases(long seed) {
        this.seed = seed;
    }

    Case at(int index) {
        Dice dice = new Dice(seed, index);
        Case whole = dice.percent(25) ? clean(dice, index) : odd(dice, index);
        return cut(whole, dice);
    }

    private String name(int index) {
        return "seed " + seed + " index " + index;
    }

    /** Nothing but good requests: the server is to answer all, and then to close because the last asks for it. */
    private Case clean(Dice dice, int index) {
        StringBuilder text = new StringBuilder();
        int requests = dice.between(1, 5);
        for (int i = 0; i < requests; i++) {
            text.append(new RandomRequest(dice, false).write());
        }
        text.append(SENTINEL);
        return Case.of(
                name(index), text.toString(), dice.percent(70) ? Ending.WAIT : Ending.HALF_CLOSE);
    }

    private Case odd(Dice dice, int index) {
        StringBuilder text = new StringBuilder();
        int requests = dice.below(4);
        for (int i = 0; i < requests; i++) {
            text.append(new RandomRequest(dice, dice.percent(60)).write());
        }
        if (requests == 0 || dice.percent(8)) {
            text.append(dice.of(RUBBISH));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        if (dice.percent(25)) {
            bytes = mutated(bytes, dice);
        }
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        if (dice.percent(10) && !all.isEmpty()) {
            all = all.substring(0, dice.below(all.length()));
        } else if (dice.percent(75)) {
            all += SENTINEL;
        }
        return Case.of(name(index), all, dice.percent(2) ? Ending.RESET : Ending.HALF_CLOSE);
    }

    static byte[] mutated(byte[] bytes, Dice dice) {
        byte[] now = bytes;
        int changes = dice.between(1, 4);
        for (int i = 0; i < changes && now.length > 0; i++) {
            now = mutatedOnce(now, dice);
        }
        return now;
    }

    private static byte[] mutatedOnce(byte[] bytes, Dice dice) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = dice.below(text.length());
        int to = Math.min(text.length(), at + dice.between(1, 12));
        String changed =
                switch (dice.below(5)) {
                    case 0 ->
                            text.substring(0, at) + (char) dice.below(256) + text.substring(at + 1);
                    case 1 -> text.substring(0, at) + text.substring(to);
                    case 2 -> text.substring(0, to) + text.substring(at);
                    case 3 ->
                            text.substring(0, at)
                                    + dice.of(
                                            "\r\n", "\n", "\r", "\0", ":", " ", "\t", "%", "\u00ff")
                                    + text.substring(at);
                    default -> swapped(text, at, dice.below(text.length()));
                };
        return changed.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String swapped(String text, int a, int b) {
        StringBuilder swapped = new StringBuilder(text);
        swapped.setCharAt(a, text.charAt(b));
        swapped.setCharAt(b, text.charAt(a));
        return swapped.toString();
    }

    static Case cut(Case whole, Dice dice) {
        int length = whole.bytes().length;
        if (length < 2 || dice.percent(50)) {
            return whole;
        }
        if (length < LONGEST_BYTE_BY_BYTE && dice.percent(15)) {
            return whole.byteByByte();
        }
        TreeSet<Integer> cuts = new TreeSet<>();
        int count = dice.between(1, 6);
        for (int i = 0; i < count; i++) {
            cuts.add(dice.between(1, length - 1));
        }
        return whole.withCuts(List.copyOf(cuts));
    }
}
