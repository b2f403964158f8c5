// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/** A listening socket. One thread at a time accepts; any may close. */
public final class NetpollListener implements AutoCloseable {

    private final NetpollEngine engine;
    private final PolledFd polled;
    private final SocketAddress bound;

    /** Of the connections; null for the least loaded of all. */
    private final @Nullable EventLoop loop;

    NetpollListener(
            NetpollEngine engine, PolledFd polled, SocketAddress bound, @Nullable EventLoop loop) {
        this.engine = engine;
        this.polled = polled;
        this.bound = bound;
        this.loop = loop;
    }

    PollDesc desc() {
        return polled.desc();
    }

    /**
     * Waits for a connection and puts it under the least loaded loop, or under the listener's own ({@link
     * NetpollEngine#listenOnEachLoop}).
     *
     * @throws dev.netpoll.engine.io.KernelException for what accept4(2) lists; after EMFILE and
     *     ENFILE wait a little and try again
     * @throws dev.netpoll.engine.io.ClosingException when the listener is closed
     */
    public NetpollConnection accept() throws IOException {
        var peer = new PeerAddress();
        return engine.adopt(polled.accept(peer), peer, loop);
    }

    /** Starts a virtual thread on the listener's loop, or on the least loaded. */
    public Thread fork(String name, Runnable task) {
        return loop == null ? engine.fork(name, task) : loop.start(name, task);
    }

    /** Makes a pending accept fail as timed out, and every later one until {@link #resume}. */
    public void interrupt() {
        polled.desc().setDeadline(Mode.READ, PollDesc.EXPIRED);
    }

    /** Lets accept wait again. */
    public void resume() {
        polled.desc().setDeadline(Mode.READ, PollDesc.NO_DEADLINE);
    }

    /** Sets an option that accepted connections inherit; false when the kernel refuses it. */
    public boolean setOption(SocketOption option, int value) {
        return polled.setOption(option, value);
    }

    /** SO_LINGER that accepted connections inherit. */
    public boolean setLinger(int seconds) {
        return polled.setLinger(seconds);
    }

    /** Where it listens, with the port the kernel chose; null once closed. */
    public @Nullable SocketAddress localAddress() {
        return polled.localAddress();
    }

    /**
     * Closes it; a pending accept fails. Connections in the kernel's queue are reset. A Unix domain
     * socket's file goes too.
     */
    @Override
    public void close() {
        // A pending accept keeps the descriptor for a moment; the port must not wait for it.
        if (polled.closeNow()) {
            if (bound instanceof UnixDomainSocketAddress unix) {
                engine.kernel().unlink(unix.getPath().toString());
            }
        }
    }
}
