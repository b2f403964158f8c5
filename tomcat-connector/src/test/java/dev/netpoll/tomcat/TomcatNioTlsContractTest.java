// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

import java.util.Set;

/**
 * The contract over TLS as Tomcat's own NIO connector keeps it: the measure for ours.
 *
 * <p>Not the closing: NIO resets such a connection over TLS (docs/differences-from-nio.md, late-bytes).
 */
class TomcatNioTlsContractTest extends ContractsOverTls {

    /** It is told to the log when an upgraded connection ends by close_notify. */
    private static final Set<String> HABITS = Set.of("Error reading request, ignored");

    @Override
    TlsUnderTest overTls() {
        return new TlsUnderTest(TomcatNioContractTest.NIO, HABITS);
    }

    @Nested
    class NonBlocking extends NonBlockingContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }

        /** The listener is told of TLS's state and not of the end: an IOException that is no EOFException. */
        @Override
        void aClientThatLeavesInItsBodyIsAnErrorToTheReadListener() {}
    }

    @Nested
    class Disconnects extends DisconnectContract {
        @Override
        protected ConnectorUnderTest subject() {
            return overTls();
        }

        /** A close_notify and a FIN behind the request end the connection before it is answered. */
        @Override
        void aClientThatOnlyStopsSendingStillGetsItsAnswer() {}

        /** The same. */
        @Override
        void aClientThatStopsSendingStillGetsALargeAnswer() {}

        /** The same. */
        @Override
        void pipelinedRequestsBeforeAHalfCloseAreAllAnswered() {}
    }
}
