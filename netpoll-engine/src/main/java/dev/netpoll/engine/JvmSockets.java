// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sched.JdkSockets;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import java.net.SocketImplFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The implementation of every {@link Socket} of the JVM: the engine's where somebody asks for it and an
 * engine is shared, else the JDK's. The JVM takes such a factory once and keeps it, so this one is set with
 * the first user and stays, idle, after the last. Safe from any thread.
 */
final class JvmSockets implements SocketImplFactory {

    /** A socket is made so many calls above the accept that wants it, TLS included. */
    private static final int FRAMES = 16;

    private static final StackWalker STACK =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    /** Guarded by the class. */
    private static @Nullable JvmSockets installed;

    /** Written under the class, read by anyone. */
    private volatile int users;

    private JvmSockets() {}

    /**
     * Puts the JVM's sockets on the shared engine until the result is closed.
     *
     * @throws UnsupportedOperationException where it cannot be; the message says why
     */
    static synchronized AutoCloseable use() {
        JvmSockets sockets = installed == null ? install() : installed;
        installed = sockets;
        sockets.users++;
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (closed.compareAndSet(false, true)) {
                leave(sockets);
            }
        };
    }

    private static synchronized void leave(JvmSockets sockets) {
        sockets.users--;
    }

    @SuppressWarnings("deprecation") // the one way to the sockets of code that takes no factory
    private static JvmSockets install() {
        String obstacle = JdkSockets.obstacle();
        if (obstacle != null) {
            throw new UnsupportedOperationException(obstacle);
        }
        JvmSockets sockets = new JvmSockets();
        try {
            Socket.setSocketImplFactory(sockets);
            return sockets;
        } catch (IOException e) {
            SocketImplFactory other = JdkSockets.factory();
            throw new UnsupportedOperationException(
                    "the JVM has a socket implementation factory already, "
                            + (other == null ? "and" : other.getClass().getName() + ", and")
                            + " takes only one",
                    e);
        }
    }

    @Override
    public SocketImpl createSocketImpl() {
        boolean ours =
                users > 0
                        && SharedEngines.areThere()
                        && !NetpollSocketFactory.mayUseSocks()
                        && !isForAServer();
        return ours ? new OutboundSocketImpl(SharedEngines.FOR_SOCKETS) : JdkSockets.create();
    }

    /**
     * Whether a {@link ServerSocket} makes it to accept a connection with, as that of TLS does: its own
     * implementation is the JDK's and refuses any other.
     */
    private static boolean isForAServer() {
        return STACK.walk(
                frames ->
                        frames.limit(FRAMES)
                                .anyMatch(
                                        frame ->
                                                ServerSocket.class.isAssignableFrom(
                                                        frame.getDeclaringClass())));
    }
}
