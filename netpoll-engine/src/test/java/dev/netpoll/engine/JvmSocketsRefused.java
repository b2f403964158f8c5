// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.internal.sched.JdkSockets;

import org.junit.jupiter.api.Test;

import java.net.Socket;
import java.net.SocketImpl;
import java.net.SocketImplFactory;

/** A JVM whose sockets somebody else makes. Run by {@link JvmSocketsTest}. */
class JvmSocketsRefused {

    static final class Theirs implements SocketImplFactory {
        @Override
        public SocketImpl createSocketImpl() {
            return JdkSockets.create();
        }
    }

    @Test
    @SuppressWarnings("deprecation")
    void theOtherFactoryIsNamed() throws Exception {
        Socket.setSocketImplFactory(new Theirs());

        assertThatThrownBy(NetpollSocketFactory::useForAllSockets)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage(
                        "the JVM has a socket implementation factory already, "
                                + Theirs.class.getName()
                                + ", and takes only one");
    }
}
