// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

/**
 * A case that a server answers otherwise than the reference.
 *
 * @param sent the case as it was found
 * @param subject the server that differs
 * @param expected the reference's outcome
 * @param actual the subject's
 */
record Difference(Case sent, Server subject, Outcome expected, Outcome actual) {

    /** Differences of one kind are likely to have one cause. */
    String kind() {
        return subject.name()
                + ": "
                + actual.kind()
                + " instead of "
                + expected.kind()
                + (actual.kind().equals(expected.kind()) ? " (other bytes)" : "");
    }
}
