// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

import java.net.Socket;

/** The contract of client sockets, of {@code new Socket()} on the engine. Run by {@link JvmSocketsTest}. */
class JvmSocketsContracts {

    private static NetpollEngine engine;
    private static AutoCloseable use;

    @BeforeAll
    static void start() throws Exception {
        OutboundSocketTest.letTheJdkOpenItsOwn();
        engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));
        use = NetpollSocketFactory.useForAllSockets();
    }

    @AfterAll
    static void stop() throws Exception {
        use.close();
        engine.release();
    }

    @Nested
    class OnPlatformThreads extends OutboundSocketContract {
        OnPlatformThreads() {
            super(Socket::new, OutboundSocketTest::platformThread);
        }
    }

    @Nested
    class OnLoops extends OutboundSocketContract {
        OnLoops() {
            super(Socket::new, task -> engine.fork("on-a-loop", task));
        }
    }

    @Nested
    class OnTheJdksVirtualThreads extends OutboundSocketContract {
        OnTheJdksVirtualThreads() {
            super(Socket::new, Thread::startVirtualThread);
        }
    }
}
