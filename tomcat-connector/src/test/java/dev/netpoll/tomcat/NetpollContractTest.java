// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Context;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.Collections;
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
    class SocketOptions extends SocketOptionsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }

        @ParameterizedTest
        @CsvSource({
            "tcpKeepIdle, 77, 6, 4, 77",
            "tcpKeepInterval, 7, 6, 5, 7",
            "tcpKeepCount, 3, 6, 6, 3",
            "tcpKeepCount, 3, 1, 9, 1", // SO_KEEPALIVE, without which it means nothing
            "tcpUserTimeout, 12345, 6, 18, 12345"
        })
        void anAttributeOfOursIsTheKernels(
                String name, String value, int level, int option, int read) throws Exception {
            anAttributeIsTheKernels(name, value, level, option, read);
        }

        @ParameterizedTest
        @CsvSource({"tcpFastOpen, 16, 23, 16", "tcpDeferAccept, 7, 9, 7"})
        void anAttributeOfTheListenerIsTheKernels(String name, String value, int option, int read)
                throws Exception {
            TestServer server = helloServer().property(name, value).start();
            assertThat(KernelOptions.of(KernelOptions.listener(), TCP, option))
                    .containsExactly(read);
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }

        @Test
        void whatTheKernelRefusesFailsTheStart() {
            log().expect(record -> true);
            assertThatThrownBy(() -> helloServer().property("tcpKeepIdle", 0).start())
                    .rootCause()
                    .hasMessage("The kernel refuses TCP_KEEPIDLE=0");
        }

        @Test
        void whatHasNoEffectIsTold() throws Exception {
            TestServer server =
                    helloServer()
                            .property("maxThreads", 50)
                            .property("socket.directBuffer", true)
                            .start();
            assertThat(WithoutEffect.of((NetpollTomcatEndpoint) endpointOf(server)))
                    .containsExactly("maxThreads", "socket.directBuffer");
            assertThat(WithoutEffect.of((NetpollTomcatEndpoint) endpointOf(helloServer().start())))
                    .isEmpty();
        }

        private static Object endpointOf(TestServer server) {
            return ((NetpollHttp11Protocol) server.protocol()).endpoint();
        }
    }

    @Nested
    class Forms extends FormContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }
    }

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
    class Buffers extends BuffersContract {
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
    class AsyncLeaves extends AsyncLeaveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NETPOLL;
        }

        /** Tomcat's own connectors leave some of these without an end, and count them as in progress. */
        @Test
        void aWriteThatFailsWhileTheFirstThreadIsOnItsWayOutEndsTheRequestAllTheSame()
                throws Exception {
            AsyncEvents events = new AsyncEvents();
            int rounds = 200;
            TestServer server =
                    server().handle("/async", (request, response) -> writeOn(request, events))
                            .start();

            for (int i = 0; i < rounds; i++) {
                RawClient client = server.connect().get("/async");
                client.receiveHead();
                client.reset();
            }

            Bounded.until(
                    () -> Collections.frequency(events.seen(), "complete") == rounds,
                    () -> Collections.frequency(events.seen(), "complete"));
            assertThat(Collections.frequency(events.seen(), "error")).isEqualTo(rounds);
            awaitNoConnections(server);
        }

        /** A thread that writes from before its handler returns until the client is gone. */
        private static void writeOn(HttpServletRequest request, AsyncEvents events) {
            AsyncContext context = request.startAsync();
            context.setTimeout(0);
            context.addListener(events);
            Bounded.background(
                    () -> {
                        try {
                            while (true) {
                                AsyncWork.flush(context, "data");
                            }
                        } catch (IOException | RuntimeException e) {
                            return e;
                        }
                    });
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
    class WebSocketEnds extends WebSocketEndsContract {
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
