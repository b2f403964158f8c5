// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.OwnJvm;

import org.junit.jupiter.api.Test;

/** Calls by Apache's HttpClient over sockets of the engine end with their requests as all calls do. */
class OutboundByApacheTest {

    @Test
    void whatRequestsCallEndsWithThem() throws Exception {
        int passed =
                OwnJvm.run(OutboundByApache.class, "--add-opens=java.base/java.net=ALL-UNNAMED");
        assertThat(passed).isGreaterThan(10);
    }
}
