// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Random;

/** Some calls of a response's methods, drawn by a seed, and what they showed. On the handler's thread. */
final class ResponseScript {

    private static final int[] SIZES = {1, 10, 500, 513, 3_000, 8_191, 8_192, 9_000, 17_000};

    private static final String[] VALUES = {
        "plain",
        "",
        "ü of Latin",
        "a\ttab",
        "a\r\nline and \u007F",
        "€ has no byte",
        "x".repeat(300),
        "y".repeat(4_500)
    };

    private static final String LETTERS = "abcdefghijkl ü€\uD83D\uDE00\n";

    private final Random random;
    private final StringBuilder seen = new StringBuilder();

    /** Kept after a reset, as handlers do that know no better. */
    private @Nullable ServletOutputStream stream;

    private @Nullable PrintWriter writer;

    ResponseScript(int seed) {
        random = new Random(seed * 2_654_435_761L);
    }

    String seen() {
        return seen.toString();
    }

    void run(HttpServletResponse response) throws IOException {
        int steps = 1 + random.nextInt(10);
        for (int i = 0; i < steps; i++) {
            int step = random.nextInt(22);
            seen.append(step).append(' ');
            try {
                if (step < 8) {
                    write(step, response);
                } else {
                    set(step, response);
                }
            } catch (IllegalStateException e) {
                seen.append(e.getMessage()).append(' ');
            }
            seen.append(response.isCommitted()).append(response.getBufferSize()).append("; ");
        }
    }

    private void write(int step, HttpServletResponse response) throws IOException {
        switch (step) {
            case 0, 1 -> stream = response.getOutputStream();
            case 2, 3 -> writer = response.getWriter();
            case 4, 5 -> {
                if (stream != null) {
                    stream.write(new byte[size()]);
                } else if (writer != null) {
                    writer.write(letters(size()));
                }
            }
            case 6 -> {
                if (writer != null) {
                    writer.print(letters(size()).toCharArray());
                    seen.append(writer.checkError());
                }
            }
            default -> {
                if (writer != null) {
                    writer.print('€');
                } else if (stream != null) {
                    stream.write('s');
                }
            }
        }
    }

    private void set(int step, HttpServletResponse response) throws IOException {
        switch (step) {
            case 8 -> response.flushBuffer();
            case 9, 10 -> response.reset();
            case 11 -> response.resetBuffer();
            case 12 -> response.setBufferSize(Math.min(8_192, size()));
            case 13, 14 -> response.setContentLength(size());
            case 15 -> response.setHeader("Content-Length", "" + size());
            case 16 -> response.setContentType("text/plain;charset=UTF-8");
            case 17 -> response.setCharacterEncoding("ISO-8859-1");
            case 18 -> end(response);
            case 20 -> response.setHeader("X-" + random.nextInt(3), value());
            case 21 -> response.addHeader(random.nextBoolean() ? "X-1" : "Wh€re", value());
            default -> flush();
        }
    }

    private void end(HttpServletResponse response) throws IOException {
        switch (random.nextInt(4)) {
            case 0 -> response.sendError(418, "no coffee");
            case 1 -> response.sendRedirect("/elsewhere");
            case 2 -> {
                if (stream != null) {
                    stream.close();
                }
            }
            default -> {
                if (writer != null) {
                    writer.close();
                }
            }
        }
    }

    private void flush() throws IOException {
        if (stream != null) {
            stream.flush();
        }
        if (writer != null) {
            writer.flush();
        }
    }

    private String value() {
        return VALUES[random.nextInt(VALUES.length)];
    }

    private int size() {
        return SIZES[random.nextInt(SIZES.length)];
    }

    private String letters(int count) {
        StringBuilder text = new StringBuilder();
        int from = random.nextInt(LETTERS.length());
        for (int i = 0; i < count; i++) {
            text.append(LETTERS.charAt((from + i) % LETTERS.length()));
        }
        return text.toString();
    }
}
