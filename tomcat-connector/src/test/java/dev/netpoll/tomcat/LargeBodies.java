// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.InputStream;

/**
 * Bodies larger than the heap go down and up. Run by {@link LargeBodyTest} in a JVM whose heap is small: what kept a body, or a
 * part of it that grows, would end it by an OutOfMemoryError.
 */
class LargeBodies {

    /** How many bytes. */
    static final String SIZE = "netpoll.body.size";

    abstract static class Transfers extends ServerContract {

        private final long size = Long.getLong(SIZE, 1 << 20);

        @Test
        void aBodyGoesDown() throws Exception {
            TestServer server =
                    server().handle(
                                    "/down",
                                    (request, response) ->
                                            Payload.write(response.getOutputStream(), size))
                            .start();
            RawClient client = server.connect().get("/down");
            try (InputStream body = client.body(client.receiveHead())) {
                assertThat(Payload.digest(body)).isEqualTo(Payload.digest(size));
            }
        }

        @Test
        void aBodyGoesUp() throws Exception {
            TestServer server =
                    server().property("connectionTimeout", 60_000)
                            .handle("/up", ServerContract::answerDigest)
                            .start();
            RawClient client = server.connect().request("POST", "/up", "Content-Length: " + size);
            Payload.write(client.out(), size);
            assertThat(client.receive().text()).isEqualTo(Payload.digest(size).toString());
        }
    }

    @Nested
    class Plain extends Transfers {
        @Override
        protected ConnectorUnderTest subject() {
            return NetpollContractTest.NETPOLL;
        }
    }

    @Nested
    class OverTls extends Transfers {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(NetpollContractTest.NETPOLL);
        }
    }
}
