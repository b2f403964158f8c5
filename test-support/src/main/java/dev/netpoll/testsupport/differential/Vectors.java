// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Case.Ending;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Named inputs written from RFC 9110 and RFC 9112, each sent in several ways. A name begins with the section that
 * says what such an input is.
 */
public final class Vectors {

    private static final String SENTINEL = RandomCases.SENTINEL;

    private Vectors() {}

    /** Every vector by name: what is sent, one character each byte. */
    public static Map<String, String> byName() {
        Map<String, String> all = new LinkedHashMap<>();
        RequestLineVectors.addTo(all);
        FieldVectors.addTo(all);
        FramingVectors.addTo(all);
        ConnectionVectors.addTo(all);
        return all;
    }

    /** One of them, alone. */
    public static Case named(String name) {
        return Case.of(name, Objects.requireNonNull(byName().get(name)), Ending.HALF_CLOSE);
    }

    /** All of them: alone, with a request behind, and byte by byte. */
    public static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        byName().forEach((name, text) -> addTo(cases, name, text));
        return cases;
    }

    /** Each once, with a request behind it: where a connection costs a handshake. */
    public static List<Case> followed() {
        List<Case> cases = new ArrayList<>();
        byName().forEach(
                        (name, text) ->
                                cases.add(Case.of(name, text + SENTINEL, Ending.HALF_CLOSE)));
        return cases;
    }

    private static void addTo(List<Case> cases, String name, String text) {
        cases.add(Case.of(name, text, Ending.HALF_CLOSE));
        Case followed =
                Case.of(name + ", and a request behind it", text + SENTINEL, Ending.HALF_CLOSE);
        cases.add(followed);
        if (text.length() < 1000) {
            cases.add(
                    Case.of(
                                    name + ", byte by byte, and a request behind it",
                                    text + SENTINEL,
                                    Ending.HALF_CLOSE)
                            .byteByByte());
        }
    }
}
