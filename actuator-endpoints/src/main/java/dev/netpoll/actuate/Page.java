// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The HTML page of the endpoint: one file that loads nothing from elsewhere. */
final class Page {

    private static final String RESOURCE = "netpoll.html";

    private Page() {}

    static String html() {
        return Text.HTML;
    }

    /** Read when the first one asks. */
    private static final class Text {

        static final String HTML = read();

        private static String read() {
            try (InputStream in = Page.class.getResourceAsStream(RESOURCE)) {
                if (in == null) {
                    throw new IllegalStateException(RESOURCE + " is missing from the jar");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
