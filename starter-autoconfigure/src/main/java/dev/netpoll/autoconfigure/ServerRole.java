// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

/** The role of a web server in its application. */
enum ServerRole {
    APPLICATION("the web server"),
    MANAGEMENT("the management server");

    private final String inWords;

    ServerRole(String inWords) {
        this.inWords = inWords;
    }

    @Override
    public String toString() {
        return inWords;
    }
}
