// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;

import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The contract as our own connector keeps it. */
class NetpollContractTest {
    static final ConnectorUnderTest NETPOLL =
            new ConnectorUnderTest() {
                @Override
                public String protocol() {
                    return "dev.netpoll.tomcat.NetpollHttp11Protocol";
                }

                /** Tomcat's acceptor, which ours runs, counts a connection first, and then waits for it. */
                @Override
                public long connectionsWhenIdle() {
                    return 1;
                }
            };

    @Nested
    class KeepAlive extends KeepAliveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class PipelineOrder extends PipelineOrderContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }

        /** Seen by the next handler itself, and not by how soon a client has it. */
        @Test
        void aHandlerBeginsWhenTheResponseBeforeHasLeft() throws Exception {
            TestServer server =
                    helloServer()
                            .handle(
                                    "/sent",
                                    (request, response) ->
                                            text(response, "" + processing().getSocket().sent()))
                            .start();
            RawClient client = server.connect();
            for (int i = 0; i < 100; i++) {
                client.send(RawClient.text("GET", "/hello") + RawClient.text("GET", "/sent"));
                client.receive();
                long before = Long.parseLong(client.receive().text());
                client.send(RawClient.text("GET", "/sent"));
                long after = Long.parseLong(client.receive().text());
                assertThat(before).as("sent before the second of the pair").isPositive();
                assertThat(after).isGreaterThan(before);
                client.close();
                client = server.connect();
            }
        }

        private static NetpollSocketWrapper processing() {
            return Objects.requireNonNull(ConnectionProcessing.current());
        }
    }

    @Nested
    class Closing extends ClosingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }

        /**
         * The bytes come when the response is out already. Ours alone: NIO ends such a connection by either, as
         * its poller has or has not come to close the socket (docs/differences-from-nio.md, late-bytes).
         */
        @ParameterizedTest
        @EnumSource
        void bytesThatComeAfterTheLastResponseDoNotResetTheConnection(Last last) throws Exception {
            TestServer server = startServer();
            for (int i = 0; i < 16; i++) {
                RawClient client = server.connect().send(last.text);
                assertThat(client.receiveHead().status()).isEqualTo(last.status);
                client.send("x".repeat(500));
                client.halfClose();
                assertThat(client.awaitEnd().reset()).isFalse();
            }
        }
    }

    @Nested
    class Bodies extends BodyContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Expectations extends ExpectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Timeouts extends TimeoutContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class MalformedRequests extends MalformedRequestContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class AsyncRequests extends AsyncContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class AsyncEnds extends AsyncEndContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class NonBlocking extends NonBlockingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Upgrades extends UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class WebSockets extends WebSocketContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Sendfile extends SendfileContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class RequestFacts extends RequestFactsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class RequestThreads extends RequestThreadContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Attributes extends AttributesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }

        /** Or the contract would have been asked of Catalina's alone. */
        @Test
        void theSecondRequestIsOneOfOurs() throws Exception {
            Queue<Class<?>> seen = new ConcurrentLinkedQueue<>();
            TestServer server = helloServer().context(context -> see(context, seen)).start();
            RawClient client = server.connect();
            client.get("/hello").receive();
            client.get("/hello").receive();
            assertThat(seen).containsExactly(Request.class, NetpollRequest.class);
        }

        private static void see(Context context, Queue<Class<?>> seen) {
            context.getPipeline()
                    .addValve(
                            new ValveBase(true) {
                                @Override
                                public void invoke(Request request, Response response)
                                        throws IOException, ServletException {
                                    seen.add(request.getClass());
                                    getNext().invoke(request, response);
                                }
                            });
        }
    }

    @Nested
    class Disconnects extends DisconnectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Lifecycle extends LifecycleContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class Management extends ManagementContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

    @Nested
    class MixedTraffic extends MixedTrafficContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }
}
