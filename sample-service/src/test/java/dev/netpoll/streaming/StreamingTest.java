// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.streaming;

import org.junit.jupiter.api.Nested;

/** The contract of what comes piece by piece, on the engine and on Tomcat's NIO connector. */
class StreamingTest {

    @Nested
    class OnTheEngine extends StreamingContract {

        @Override
        boolean onTheEngine() {
            return true;
        }

        @Override
        boolean overTls() {
            return false;
        }
    }

    @Nested
    class OnTheEngineOverTls extends StreamingContract {

        @Override
        boolean onTheEngine() {
            return true;
        }

        @Override
        boolean overTls() {
            return true;
        }
    }

    @Nested
    class OnNio extends StreamingContract {

        @Override
        boolean onTheEngine() {
            return false;
        }

        @Override
        boolean overTls() {
            return false;
        }
    }

    @Nested
    class OnNioOverTls extends StreamingContract {

        @Override
        boolean onTheEngine() {
            return false;
        }

        @Override
        boolean overTls() {
            return true;
        }
    }
}
