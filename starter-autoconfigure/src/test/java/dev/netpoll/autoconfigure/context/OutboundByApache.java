// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

/** With every socket of the JVM on the engine. Run by {@link OutboundByApacheTest}. */
class OutboundByApache extends OutboundOnTheEngineTest {

    @Override
    String[] properties() {
        return new String[] {
            "--netpoll.outbound=all", "--spring.http.clients.imperative.factory=http-components"
        };
    }
}
