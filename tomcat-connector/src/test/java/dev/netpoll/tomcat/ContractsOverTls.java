// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

/** The contract over TLS: the same tests, whose clients speak it. */
abstract class ContractsOverTls {

    abstract TlsUnderTest overTls();

    @Nested
    class Tls extends TlsContract {
        @Override
        protected TlsUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class TlsSettings extends TlsSettingsContract {
        @Override
        protected TlsUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class TlsSessions extends TlsSessionsContract {
        @Override
        protected TlsUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Forms extends FormContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class KeepAlive extends KeepAliveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class PipelineOrder extends PipelineOrderContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Bodies extends BodyContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Expectations extends ExpectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Timeouts extends TimeoutContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class MalformedRequests extends MalformedRequestContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Buffers extends BuffersContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Limits extends LimitsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class AsyncRequests extends AsyncContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class AsyncEnds extends AsyncEndContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class AsyncLeaves extends AsyncLeaveContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Upgrades extends UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class WebSockets extends WebSocketContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Sendfile extends SendfileContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class RequestFacts extends RequestFactsContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }

        /** The JDK has no TLS over a Unix domain socket for the client. */
        @Override
        void aUnixDomainSocketIsServed() {}
    }

    @Nested
    class RequestThreads extends RequestThreadContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Attributes extends AttributesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Lifecycle extends LifecycleContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }

    @Nested
    class Management extends ManagementContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }

        /** The client reads close_notify, which came before the reset, and with it the end. */
        @Override
        void aLingerOfZeroResetsWhatIsClosed() {}
    }

    @Nested
    class MixedTraffic extends MixedTrafficContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }
    }
}
