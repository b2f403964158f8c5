// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Text of any length whose every line names its own offset, so that a reader sees at once where
 * something got lost, doubled or swapped.
 */
final class NumberedLines {

    static final int LINE_BYTES = 32;

    private static final int LINES_PER_WRITE = 2_048;

    private NumberedLines() {}

    /** Writes exactly {@code bytes} bytes; the last line is cut short where they end. */
    static void write(OutputStream out, long bytes) throws IOException {
        byte[] block = new byte[LINES_PER_WRITE * LINE_BYTES];
        for (long offset = 0; offset < bytes; offset += block.length) {
            fill(block, offset);
            out.write(block, 0, (int) Math.min(block.length, bytes - offset));
        }
    }

    private static void fill(byte[] block, long offset) {
        for (int i = 0; i < block.length; i += LINE_BYTES) {
            byte[] line = line(offset + i);
            System.arraycopy(line, 0, block, i, LINE_BYTES);
        }
    }

    private static byte[] line(long offset) {
        String digits = Long.toString(offset);
        String padded = "0".repeat(LINE_BYTES - 1 - digits.length()) + digits + "\n";
        return padded.getBytes(StandardCharsets.US_ASCII);
    }
}
