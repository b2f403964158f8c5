// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.Arrays;
import java.util.Objects;

/**
 * How a case is sent over TLS beyond what the case says of itself. It follows from the case, so that it is sent again in
 * the same way.
 *
 * @param protocol the version of TLS
 * @param pieces how what TLS makes of the bytes leaves
 * @param tail what follows the last record, before the client ends its side
 */
record TlsManner(String protocol, Pieces pieces, Tail tail) {

    /** What leaves in one send of all that TLS writes at once. */
    enum Pieces {
        WHOLE,
        /** Each record's first three bytes, which are not even its header, then the rest. */
        CUT,
        BYTES
    }

    /** What follows the last record. */
    enum Tail {
        /** Nothing: a FIN without close_notify, as of a client that has been cut off. */
        NONE,
        /** A header, and less than it promises. */
        HALF_RECORD,
        /** A whole record that was made with no key. */
        FORGED_RECORD,
        /** An alert that is not encrypted. */
        PLAIN_ALERT,
        CLOSE_NOTIFY
    }

    private static final int LONGEST_IN_BYTES = 600;

    static TlsManner of(Case sent) {
        int hash = Objects.hash(Arrays.hashCode(sent.bytes()), sent.cuts(), sent.ending().name());
        Dice dice = new Dice(hash, 1);
        return new TlsManner(
                dice.percent(25) ? "TLSv1.2" : "TLSv1.3", pieces(sent, dice), tail(dice));
    }

    private static Pieces pieces(Case sent, Dice dice) {
        if (dice.percent(60)) {
            return Pieces.WHOLE;
        }
        boolean isLong = sent.bytes().length + 30 * sent.cuts().size() > LONGEST_IN_BYTES;
        return dice.percent(70) || isLong ? Pieces.CUT : Pieces.BYTES;
    }

    private static Tail tail(Dice dice) {
        return dice.percent(70) ? Tail.NONE : Tail.values()[dice.below(Tail.values().length)];
    }
}
