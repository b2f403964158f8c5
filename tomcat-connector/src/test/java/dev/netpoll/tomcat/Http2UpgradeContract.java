// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** HTTP/2 without TLS, where HTTP/1.1 may be upgraded to it as well. */
abstract class Http2UpgradeContract extends Http2Contract {

    @Test
    void anUpgradedRequestIsAnsweredAsStreamOne() throws Exception {
        Http2Client client = upgraded(http2Server().start(), "/hello");
        assertThat(client.response(1).text()).isEqualTo("hello");
        client.get(3, "/hello");
        assertThat(client.response(3).text()).isEqualTo("hello");
    }

    @Test
    void anUpgradeWithoutSettingsIsNone() throws Exception {
        TestServer server = http2Server().start();
        RawResponse response = server.get("/hello", "Connection: Upgrade", "Upgrade: h2c");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.text()).isEqualTo("hello");
    }
}
