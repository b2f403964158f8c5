// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.List;

/** Writes a request's framing headers, the empty line and its body. One thread. */
final class RandomBody {

    private static final List<String> LENGTHS =
            List.of(
                    "-1",
                    "+5",
                    "abc",
                    "",
                    "5, 5",
                    "5,6",
                    "0x5",
                    "99999999999999999999",
                    "5 ",
                    "05",
                    "5\r\nContent-Length: 5",
                    "5\r\nContent-Length: 6",
                    "5.0",
                    "9223372036854775807",
                    "2147483648",
                    "5\0");

    private static final List<String> ENCODINGS =
            List.of(
                    "Chunked",
                    "chunked ",
                    "gzip",
                    "identity",
                    "chunked, chunked",
                    "gzip, chunked",
                    "chunked, identity",
                    "chunked\r\nTransfer-Encoding: chunked",
                    "xchunked",
                    "",
                    "chunked;x=y",
                    "\"chunked\"",
                    "chunked,",
                    "\tchunked",
                    "identity\r\nTransfer-Encoding: chunked",
                    "chunked\r\nTransfer-Encoding: identity");

    private static final List<String> SIZES =
            List.of(
                    "xyz",
                    "-1",
                    "",
                    " 5",
                    "5 ",
                    "0x5",
                    "ffffffff",
                    "fffffffffffffffff",
                    "80000000",
                    "00000005",
                    "5;",
                    "5;a",
                    "5;a=b",
                    "5;a=\"b\r\n\"",
                    "5 ;a=b",
                    "5;\u00ff",
                    "5\n",
                    "5\r",
                    "5;" + "a".repeat(200),
                    "+5",
                    "5g",
                    "0",
                    "000");

    private static final List<String> TRAILERS =
            List.of(
                    "A: b\r\n",
                    "Content-Length: 5\r\n",
                    "Host: y\r\n",
                    "A\r\n",
                    "A: b\r\n c\r\n",
                    ": x\r\n",
                    "A: " + "b".repeat(300) + "\r\n",
                    "A: b\0\r\n",
                    "Transfer-Encoding: chunked\r\n",
                    "A: b\n",
                    "A : b\r\n");

    private final Dice dice;
    private final boolean odd;

    RandomBody(Dice dice, boolean odd) {
        this.dice = dice;
        this.odd = odd;
    }

    private String content(int length) {
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < length; i++) {
            content.append("a=1&b=%c3%a4\r\n".charAt(i % 14));
        }
        return content.toString();
    }

    private int length() {
        return dice.percent(90) ? dice.below(60) : dice.between(1000, 20_000);
    }

    void sizedTo(StringBuilder text) {
        String content = content(length());
        if (odd && dice.percent(15)) {
            text.append("Content-Length: ").append(dice.of(LENGTHS)).append("\r\n");
        } else {
            int wrong = odd && dice.percent(8) ? dice.between(-3, 3) : 0;
            text.append("Content-Length: ")
                    .append(Math.max(content.length() + wrong, 0))
                    .append("\r\n");
        }
        if (odd && dice.percent(6)) {
            text.append("Transfer-Encoding: ").append(dice.of(ENCODINGS)).append("\r\n");
        }
        text.append("\r\n").append(content);
    }

    void chunkedTo(StringBuilder text) {
        text.append("Transfer-Encoding: ")
                .append(odd && dice.percent(12) ? dice.of(ENCODINGS) : "chunked")
                .append("\r\n");
        if (odd && dice.percent(6)) {
            text.append("Content-Length: ").append(dice.below(30)).append("\r\n");
        }
        text.append("\r\n");
        int chunks = dice.below(4);
        for (int i = 0; i < chunks; i++) {
            chunkTo(text);
        }
        end(text);
    }

    private void chunkTo(StringBuilder text) {
        String content = content(Math.max(length(), 1));
        if (odd && dice.percent(12)) {
            text.append(dice.of(SIZES))
                    .append("\r\n")
                    .append(content, 0, Math.min(5, content.length()));
        } else {
            text.append(Integer.toHexString(content.length()))
                    .append(dice.percent(15) ? dice.of(";a", ";a=b", ";a=\"b\";c") : "")
                    .append("\r\n")
                    .append(content);
        }
        text.append(odd && dice.percent(8) ? dice.of("", "\n", "\r", "x\r\n", "\r\n\r\n") : "\r\n");
    }

    private void end(StringBuilder text) {
        text.append("0\r\n");
        if (dice.percent(20)) {
            text.append(odd ? dice.of(TRAILERS) : "A: b\r\n");
        }
        text.append("\r\n");
    }
}
