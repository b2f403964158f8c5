// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server did on one connection.
 *
 * @param received every byte it sent, one character each, without what changes from run to run
 * @param end how its side of the connection ended
 */
record Outcome(String received, End end) {

    /** How a connection ends, as its client sees it. */
    enum End {
        FIN,
        RST,
        /** Neither, in all the client's patience. */
        OPEN,
        /** Over TLS: FIN without close_notify. */
        TRUNCATED,
        /** Over TLS: a fatal alert. */
        ALERT
    }

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");

    /** The status codes in order, with the end: what kind of outcome it is. */
    String kind() {
        StringBuilder kind = new StringBuilder();
        Matcher status = STATUS.matcher(received);
        while (status.find()) {
            kind.append(status.group(1)).append(' ');
        }
        return kind.isEmpty() && !received.isEmpty() ? "text " + end : kind.append(end).toString();
    }

    @Override
    public String toString() {
        return end + " after " + received.length() + " bytes:\n      " + Readable.text(received);
    }
}
