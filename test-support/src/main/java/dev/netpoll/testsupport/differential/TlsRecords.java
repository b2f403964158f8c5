// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

/** Says what records there are in what a server has sent. */
public final class TlsRecords {

    private static final int HEADER_BYTES = 5;
    private static final int ALERT = 21;
    private static final int FIRST_KIND = 20;
    private static final int LAST_KIND = 24;

    private TlsRecords() {}

    /**
     * The kinds of the records in order, one of each run, with what a plain alert says; the text itself where it is no
     * record. What changes from handshake to handshake, their number and length among it, is left out.
     */
    public static String kinds(String received) {
        StringBuilder kinds = new StringBuilder();
        int at = 0;
        String last = "";
        while (isRecord(received, at)) {
            int length = received.charAt(at + 3) << 8 | received.charAt(at + 4);
            int end = Math.min(at + HEADER_BYTES + length, received.length());
            String kind = kind(received.substring(at, end));
            if (!kind.equals(last)) {
                kinds.append('[').append(kind).append(']');
            }
            last = kind;
            at = end;
        }
        return kinds.append(received, at, received.length()).toString();
    }

    private static boolean isRecord(String received, int at) {
        return received.length() >= at + HEADER_BYTES
                && received.charAt(at) >= FIRST_KIND
                && received.charAt(at) <= LAST_KIND
                && received.charAt(at + 1) == 3;
    }

    private static String kind(String record) {
        int kind = record.charAt(0);
        return kind == ALERT && record.length() == HEADER_BYTES + 2
                ? "alert " + (int) record.charAt(5) + "." + (int) record.charAt(6)
                : String.valueOf(kind);
    }
}
