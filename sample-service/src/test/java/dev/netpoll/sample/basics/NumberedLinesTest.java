// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

class NumberedLinesTest {

    @Test
    void everyLineNamesItsOwnOffset() throws Exception {
        int lines = 10_000;
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        NumberedLines.write(out, (long) lines * NumberedLines.LINE_BYTES);

        List<String> read = out.toString(StandardCharsets.US_ASCII).lines().toList();
        assertThat(read).hasSize(lines);
        for (int i = 0; i < lines; i++) {
            assertThat(Long.parseLong(read.get(i))).isEqualTo((long) i * NumberedLines.LINE_BYTES);
        }
    }
}
