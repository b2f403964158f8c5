// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import dev.netpoll.testsupport.differential.Outcome.End;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What may differ, each with its reason in {@code docs/differences-from-nio.md} under the same key. */
public enum KnownDifference {
    /**
     * Tomcat's NIO ends a connection with RST when bytes come after it has closed, and with FIN when they do not;
     * which it is is a race that it runs for itself on each connection. Of the engine it is always FIN.
     */
    LATE_BYTES("late-bytes") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return !subject.closesInOrder()
                    && !sent.cuts().isEmpty()
                    && actual.received().equals(expected.received())
                    && actual.end() == End.RST
                    && expected.end() == End.FIN;
        }
    },

    /**
     * Tomcat's processor remembers that its last request was HTTP/0.9 until it has parsed another version, and
     * then answers a request line that it cannot parse without status line and headers.
     */
    HTTP_09_FLAG("http-0.9-flag") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return lacksLastHead(actual.received(), expected.received())
                    || lacksLastHead(expected.received(), actual.received());
        }

        /** Something else stands where the last response begins; to HEAD the one is a body, the other a head. */
        private static boolean lacksLastHead(String headless, String whole) {
            int head = whole.lastIndexOf(STATUS_LINE);
            return head >= 0
                    && headless.length() > head
                    && headless.startsWith(whole.substring(0, head))
                    && headless.startsWith(ERROR_PAGE, head);
        }
    },

    /**
     * Tomcat answers a version that it does not support only when the rest of the head is there too; what comes in
     * parts is closed without an answer. Which it is depends on when the parts are read.
     */
    UNSUPPORTED_VERSION("unsupported-version") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return !sent.cuts().isEmpty()
                    && UNSUPPORTED.matcher(sent.text()).find()
                    && (lacksLastRefusal(actual.received(), expected.received())
                            || lacksLastRefusal(expected.received(), actual.received()));
        }

        private static boolean lacksLastRefusal(String shorter, String longer) {
            return longer.startsWith(shorter + "HTTP/1.1 505 ")
                    || longer.startsWith(shorter + "HTTP/1.1 400 ");
        }
    },

    /**
     * A client that half-closes with its request, and whose handler takes a while, is asked by an interim response
     * whether it still reads (decision 11).
     */
    HALF_CLOSE_ASKED("half-close-asked") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return sent.ending() == Case.Ending.HALF_CLOSE
                    && actual.received().length() > expected.received().length()
                    && actual.end() == expected.end()
                    && withoutInterim(actual).equals(withoutInterim(expected));
        }

        private static String withoutInterim(Outcome outcome) {
            return outcome.received().replace("HTTP/1.1 100 \r\n\r\n", "");
        }
    },

    /**
     * How far a body that its handler left may exceed {@code maxSwallowSize} before it ends the connection depends on
     * how much of it was read along with the head: a kilobyte more, or up to seven less where the buffer is small.
     */
    SWALLOW_LIMIT("swallow-limit") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            String a = withoutClose(actual);
            String b = withoutClose(expected);
            return sent.bytes().length > SMALL_HEAD_BUFFER && (goesOn(a, b) || goesOn(b, a));
        }

        /** With the response to another request, which may lack its head: see above. */
        private static boolean goesOn(String longer, String shorter) {
            return longer.equals(shorter)
                    || longer.startsWith(shorter + STATUS_LINE)
                    || longer.startsWith(shorter + ERROR_PAGE)
                    || longer.startsWith(shorter + ECHO);
        }

        /** A response that begins before the body is left says what becomes of the connection. */
        private static String withoutClose(Outcome outcome) {
            return outcome.received().replace("Connection: close\r\n", "");
        }
    },

    /**
     * Over TLS, bytes that come after NIO has closed reset the connection, and the reset takes with it what its client has
     * not read yet.
     */
    TLS_RESET("late-bytes") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return subject.tls() != null
                    && expected.end() == End.RST
                    && actual.received().startsWith(expected.received());
        }
    },

    /**
     * NIO decrypts all records that have come before it serves the first; where the last is forged, or says that TLS is
     * closed, it serves none of them. Which have come by then is a race.
     */
    TLS_TAIL("tls-tail") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            return subject.tls() != null
                    && sent.ending() == Case.Ending.HALF_CLOSE
                    && TlsManner.of(sent).tail() != TlsManner.Tail.NONE
                    && actual.end() != End.OPEN
                    && actual.received().startsWith(expected.received());
        }
    },

    /**
     * What is no TLS, and a handshake that fails, gets an alert; of NIO only if the client's FIN comes later than NIO reads, and
     * none that is encrypted. HTTP on a port with TLS is told so only if its first line is read at once.
     */
    TLS_ALERT("tls-alert") {
        @Override
        boolean covers(Case sent, Server subject, Outcome expected, Outcome actual) {
            String told = actual.received();
            String less = expected.received();
            return ALERT.matcher(told).replaceFirst("").equals(ALERT.matcher(less).replaceFirst(""))
                    || FLIGHT.matcher(told).matches()
                            && told.startsWith(less)
                            && !ALERT.matcher(less).find()
                    || FATAL_ALERT.matcher(told).matches()
                            && !sent.cuts().isEmpty()
                            && less.startsWith(STATUS_LINE + "400 ");
        }
    };

    private static final String STATUS_LINE = "HTTP/1.1 ";

    private static final String ERROR_PAGE = "<!doctype html>";

    /** What the application's echo answers to HTTP/0.9, which has GET alone, and responses without a head. */
    private static final String ECHO = "GET /echo";

    /** Fatal, or close_notify. */
    private static final Pattern ALERT = Pattern.compile("\\[alert (2\\.\\d+|1\\.0)]$");

    private static final Pattern FATAL_ALERT = Pattern.compile("\\[alert 2\\.\\d+]");

    /** A handshake's first records of the server's, the last of which may be an alert, encrypted or not. */
    private static final Pattern FLIGHT =
            Pattern.compile("(\\[22]){1,2}(\\[20])?(\\[23])?(\\[alert 2\\.\\d+])?");

    /** What is read along with a head at the least, in bytes. */
    private static final int SMALL_HEAD_BUFFER = 2048;

    /** What stands for a version where none that Tomcat knows does, also where bytes were changed. */
    private static final Pattern UNSUPPORTED =
            Pattern.compile("(?m)^\\S+[ \t]+\\S+[ \t]+(?!HTTP/1\\.[01]\r?\n)\\S");

    private final String key;

    KnownDifference(String key) {
        this.key = key;
    }

    public String key() {
        return key;
    }

    abstract boolean covers(Case sent, Server subject, Outcome expected, Outcome actual);

    /** The one that explains this difference. */
    static Optional<KnownDifference> of(
            Case sent, Server subject, Outcome expected, Outcome actual) {
        return Arrays.stream(values())
                .filter(known -> known.covers(sent, subject, expected, actual))
                .findFirst();
    }

    public static Set<String> keys() {
        return Arrays.stream(values()).map(KnownDifference::key).collect(Collectors.toSet());
    }
}
