// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.http2.Http2Protocol;

import java.io.IOException;
import java.util.function.Consumer;

/** What the parts of the contract of HTTP/2 share: servers that speak it, and their clients. */
abstract class Http2ServerContract extends ServerContract {

    /** What is added to the connector. */
    Http2Protocol http2() {
        return new Http2Protocol();
    }

    final TestServer.Builder http2Server() {
        return http2Server(_ -> {});
    }

    /** A server that speaks it, with {@code hello} at {@code /hello}. */
    final TestServer.Builder http2Server(Consumer<Http2Protocol> settings) {
        return helloServer()
                .connector(
                        connector -> {
                            Http2Protocol http2 = http2();
                            settings.accept(http2);
                            connector.addUpgradeProtocol(http2);
                        });
    }

    final Http2Client connect(TestServer server) throws IOException {
        return Http2Client.to(server, subject().tls());
    }

    final Http2Client unprefaced(TestServer server) throws IOException {
        return Http2Client.over(server.connect(), subject().tls() != null);
    }
}
