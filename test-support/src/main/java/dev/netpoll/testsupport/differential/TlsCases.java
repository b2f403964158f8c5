// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Case.Ending;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Raw bytes for a port that has TLS, or has none: parts of handshakes, records that are none, HTTP. They follow from a seed
 * and an index. Immutable.
 */
final class TlsCases {

    private static final int HEADER_BYTES = 5;

    /** Alerts, of warning and fatal, alone in their records. */
    private static final List<String> ALERTS =
            List.of(
                    "\u0015\u0003\u0003\u0000\u0002\u0001\u0000", // close_notify
                    "\u0015\u0003\u0003\u0000\u0002\u0001\u005a", // user_canceled
                    "\u0015\u0003\u0003\u0000\u0002\u0002\u0028", // handshake_failure
                    "\u0015\u0003\u0003\u0000\u0002\u0002\u00ff", // none that there is
                    "\u0015\u0003\u0003\u0000\u0002\u0003\u0003", // no level
                    "\u0015\u0003\u0003\u0000\u0001\u0002", // half of one
                    "\u0015\u0003\u0003\u0000\u0000");

    private static final List<String> RECORDS =
            List.of(
                    "\u0014\u0003\u0003\u0000\u0001\u0001", // change_cipher_spec
                    "\u0014\u0003\u0003\u0000\u0001\u0002",
                    "\u0017\u0003\u0003\u0000\u0005hello", // data before there are keys
                    "\u0017\u0003\u0003\u0000\u0000",
                    "\u0016\u0003\u0003\u0000\u0000",
                    "\u0016\u0003\u0003\u0000\u0004\u0001\u0000\u0000\u0000", // empty ClientHello
                    "\u0016\u0003\u0003\u0000\u0004\u0014\u0000\u0000\u0000", // Finished
                    "\u0016\u0003\u0003\u0000\u0004\u0000\u0000\u0000\u0000", // HelloRequest
                    "\u0018\u0003\u0003\u0000\u0003\u0001\u0040\u0000", // a heartbeat that lies
                    "\u0099\u0003\u0003\u0000\u0003abc",
                    "\u0016\u0003\u0003\u00ff\u00ff" + "x".repeat(100), // longer than any may be
                    "\u0080\u002e\u0001\u0003\u0001\u0000\u0015\u0000\u0000\u0000\u0010" // SSL 2
                            + "x".repeat(37));

    private final long seed;
    private final List<byte[]> hellos;

    TlsCases(long seed) {
        this.seed = seed;
        this.hellos = List.of(hello("TLSv1.2"), hello("TLSv1.3"), hello("TLSv1.2", "TLSv1.3"));
    }

    /** What the JDK's client begins with, each time another. */
    private static byte[] hello(String... protocols) {
        try {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine("localhost", 443);
            engine.setUseClientMode(true);
            engine.setEnabledProtocols(protocols);
            ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(ByteBuffer.allocate(0), record);
            return Arrays.copyOf(record.array(), record.position());
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    Case at(int index) {
        Dice dice = new Dice(seed, index);
        byte[] bytes = text(dice).getBytes(StandardCharsets.ISO_8859_1);
        if (dice.percent(30)) {
            bytes = RandomCases.mutated(bytes, dice);
        }
        if (dice.percent(20) && bytes.length > 1) {
            bytes = Arrays.copyOf(bytes, dice.between(1, bytes.length));
        }
        String name = "TLS seed " + seed + " index " + index;
        Ending ending = dice.percent(3) ? Ending.RESET : Ending.HALF_CLOSE;
        return RandomCases.cut(new Case(name, bytes, List.of(), ending), dice);
    }

    private String text(Dice dice) {
        String hello = new String(dice.of(hellos), StandardCharsets.ISO_8859_1);
        return switch (dice.below(7)) {
            case 0 -> hello;
            case 1 -> hello.substring(0, dice.between(1, hello.length()));
            case 2 -> hello + dice.of(RECORDS);
            case 3 -> hello + dice.of(ALERTS);
            case 4 -> inRecordsOf(dice.between(1, hello.length()), hello.substring(HEADER_BYTES));
            case 5 -> dice.percent(50) ? dice.of(RECORDS) : dice.of(ALERTS);
            default -> new RandomRequest(dice, dice.percent(50)).write();
        };
    }

    /** A handshake message over several records. */
    private static String inRecordsOf(int most, String message) {
        StringBuilder records = new StringBuilder();
        for (int from = 0; from < message.length(); from += most) {
            String part = message.substring(from, Math.min(from + most, message.length()));
            records.append("\u0016\u0003\u0003")
                    .append((char) (part.length() >> 8))
                    .append((char) (part.length() & 0xFF))
                    .append(part);
        }
        return records.toString();
    }
}
