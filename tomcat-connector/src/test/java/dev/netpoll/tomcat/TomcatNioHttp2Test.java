// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.junit.jupiter.api.Nested;

/** HTTP/2 as Tomcat's NIO connector keeps it, plain and over TLS. */
class TomcatNioHttp2Test {

    @Nested
    class Plain extends Http2UpgradeContract {
        @Override
        protected ConnectorUnderTest subject() {
            return TomcatNioContractTest.NIO;
        }
    }

    @Nested
    class OverTls extends Http2Contract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(TomcatNioContractTest.NIO);
        }
    }

    @Nested
    class AsyncIo extends AsyncIoContract {
        @Override
        protected ConnectorUnderTest subject() {
            return TomcatNioContractTest.NIO;
        }
    }

    @Nested
    class AsyncIoOverTls extends AsyncIoContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(TomcatNioContractTest.NIO);
        }
    }

    @Nested
    class Files extends Http2FilesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return TomcatNioContractTest.NIO;
        }
    }

    @Nested
    class FilesOverTls extends Http2FilesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(TomcatNioContractTest.NIO);
        }
    }

    @Nested
    class Times extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return TomcatNioContractTest.NIO;
        }
    }

    @Nested
    class TimesOverTls extends Http2TimesContract {
        @Override
        protected ConnectorUnderTest subject() {
            return new TlsUnderTest(TomcatNioContractTest.NIO);
        }
    }
}
