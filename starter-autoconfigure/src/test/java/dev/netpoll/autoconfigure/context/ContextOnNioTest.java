// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

/** Tomcat's NIO connector and its platform threads. */
class ContextOnNioTest extends ContextContract {

    @Override
    String[] properties() {
        return new String[] {"--netpoll.tomcat.enabled=false"};
    }
}
