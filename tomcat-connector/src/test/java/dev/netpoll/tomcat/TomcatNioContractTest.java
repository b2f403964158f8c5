// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Nested;

import java.util.logging.LogRecord;

/** The contract as Tomcat's own NIO connector keeps it: the measure for ours. */
class TomcatNioContractTest {
    static final ConnectorUnderTest NIO =
            new ConnectorUnderTest() {
                @Override
                public String protocol() {
                    return "org.apache.coyote.http11.Http11NioProtocol";
                }

                /** NIO looks for expired timeouts once a second; the tests set timeouts of a fifth of that. */
                @Override
                public void tune(Connector connector) {
                    connector.setProperty("selectorTimeout", "50");
                }

                /** NIO's acceptor counts a connection first, and then waits for it. */
                @Override
                public long connectionsWhenIdle() {
                    return 1;
                }

                @Override
                public boolean resetsAfterGoAway() {
                    return true;
                }

                @Override
                public boolean forgetsSessionsThatSend() {
                    return true;
                }

                @Override
                public boolean forgetsUpgradesOverTls() {
                    return true;
                }

                /**
                 * Two habits. NIO's stop forgets all counts at once; a connection that ends at that moment is then
                 * counted down once too often, and NIO says so (seen with a low {@code maxConnections}). And
                 * Catalina searches the platform threads for one that belongs to a stopped application, and finds
                 * NIO's own, still on its way out of the last request.
                 */
                @Override
                public boolean isKnownNoise(LogRecord record) {
                    String message = String.valueOf(record.getMessage());
                    return message.startsWith("Incorrect connection count")
                            || message.contains("-nio-")
                                    && (message.contains("has failed to stop it")
                                            || message.contains("yet to finish"));
                }
            };

    @Nested
    class SocketOptions extends SocketOptionsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Forms extends FormContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class KeepAlive extends KeepAliveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class PipelineOrder extends PipelineOrderContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Closing extends ClosingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Bodies extends BodyContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Expectations extends ExpectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Timeouts extends TimeoutContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class MalformedRequests extends MalformedRequestContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Buffers extends BuffersContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class AsyncRequests extends AsyncContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class AsyncEnds extends AsyncEndContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class AsyncLeaves extends AsyncLeaveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class NonBlocking extends NonBlockingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Upgrades extends UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class WebSockets extends WebSocketContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class WebSocketEnds extends WebSocketEndsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }

        /** Of an asynchronous send NIO was seen to tell nothing for a minute, on a loaded machine. */
        @Override
        void sendingToAClientThatDoesNotReadFailsInTime(String how) {}
    }

    @Nested
    class Sendfile extends SendfileContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class RequestFacts extends RequestFactsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class RequestThreads extends RequestThreadContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Attributes extends AttributesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Disconnects extends DisconnectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Lifecycle extends LifecycleContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class Management extends ManagementContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }

    @Nested
    class MixedTraffic extends MixedTrafficContract {
        @Override
        protected ConnectorUnderTest subject() {
            return NIO;
        }
    }
}
