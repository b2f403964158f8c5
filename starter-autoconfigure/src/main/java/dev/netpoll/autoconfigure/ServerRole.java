// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

/** The role of a web server in its application. */
enum ServerRole {
    APPLICATION("the web server", "server.ssl"),
    MANAGEMENT("the management server", "management.server.ssl");

    private final String inWords;
    private final String tlsProperties;

    ServerRole(String inWords, String tlsProperties) {
        this.inWords = inWords;
        this.tlsProperties = tlsProperties;
    }

    /** The prefix of the properties that switch TLS on for it. */
    String tlsProperties() {
        return tlsProperties;
    }

    @Override
    public String toString() {
        return inWords;
    }
}
