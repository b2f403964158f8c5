// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A connection of the real kernel: the end that a loop polls, and its client.
 *
 * @param polled the loop's end
 * @param client the JDK's end
 */
record AcceptedFd(PolledFd polled, Socket client) implements AutoCloseable {

    static AcceptedFd on(EventLoop loop, Kernel kernel) throws IOException {
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        int listener = kernel.socket(any);
        assertThat(kernel.bind(listener, any)).isZero();
        assertThat(kernel.listen(listener, 1)).isZero();
        int port = ((InetSocketAddress) kernel.localAddress(listener)).getPort();
        Socket client = new Socket(any.getAddress(), port);
        PolledFd polled = loop.register(kernel.accept(listener, new PeerAddress()));
        kernel.close(listener);
        return new AcceptedFd(polled, client);
    }

    @Override
    public void close() throws IOException {
        polled.close();
        client.close();
    }
}
