// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

/** Bytes as people read them: printable ones as they are, line ends with a line break behind, others escaped. */
final class Readable {

    /** What people read of a long one. */
    static final int ENOUGH = 1500;

    private Readable() {}

    static String character(byte b) {
        return switch (b) {
            case '\r' -> "\\r";
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default ->
                    b >= ' ' && b < 0x7f
                            ? String.valueOf((char) b)
                            : String.format("\\x%02x", b & 0xff);
        };
    }

    static String text(String latin1) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < latin1.length() && text.length() < ENOUGH; i++) {
            text.append(character((byte) latin1.charAt(i)));
            if (latin1.charAt(i) == '\n') {
                text.append("\n      ");
            }
        }
        return text.toString();
    }
}
