// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.sched.CarrierBuffers;
import dev.netpoll.engine.internal.sched.CarrierScratch;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.internal.sched.StallListener;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.engine.io.Ticker;
import dev.netpoll.engine.stats.SyscallErrorCount;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * An epoll netpoller with its event loops: listens, connects, and starts virtual threads that wait
 * for sockets without holding a thread of the operating system.
 *
 * <pre>{@code
 * try (var engine = NetpollEngine.start(EngineConfig.defaults());
 *         var listener = engine.listen(new InetSocketAddress(7000), ListenOptions.defaults())) {
 *     while (true) {
 *         NetpollConnection connection = listener.accept();
 *         connection.fork(() -> echo(connection));
 *     }
 * }
 * }</pre>
 *
 * <p>Needs Linux and native access. {@link #obstacle} tells beforehand whether it can run. Safe from
 * any thread.
 */
public final class NetpollEngine implements AutoCloseable {

    /** The size of a borrowed buffer. */
    public static final int BUFFER_BYTES = CarrierBuffers.BYTES;

    /** Further away no deadline is set: more than a century. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final EngineConfig config;
    private final Kernel kernel;
    private final LoopGroup group;
    private final IpStack ipStack;
    private final Dialer dialer;
    private final Map<NetpollConnection, InetSocketAddress> outbound = new ConcurrentHashMap<>();

    private NetpollEngine(EngineConfig config, Kernel kernel, LoopGroup group, IpStack ipStack) {
        this.config = config;
        this.kernel = kernel;
        this.group = group;
        this.ipStack = ipStack;
        this.dialer = new Dialer(kernel, group, ipStack);
    }

    /** Why the engine cannot run in this JVM, in words for its operator; null when it can. */
    public static @Nullable String obstacle() {
        return Availability.OBSTACLE;
    }

    /** Why the loops cannot carry virtual threads in this JVM; null when they can. */
    public static @Nullable String obstacleToCarrying() {
        return LoopGroup.obstacleToCarrying();
    }

    /**
     * Starts an engine on the system's kernel and clock.
     *
     * @throws UnsupportedOperationException where it cannot run; the message says why and what to do
     * @throws IOException when the kernel refuses its descriptors
     */
    public static NetpollEngine start(EngineConfig config) throws IOException {
        String obstacle = obstacle();
        if (obstacle != null) {
            throw new UnsupportedOperationException(obstacle);
        }
        return start(config, new LinuxKernel(new CarrierScratch()), IpStack.ofTheJdk());
    }

    /**
     * The engine of these settings that parts of the JVM share: started for the first of them, closed when
     * the last has called {@link #release}.
     *
     * @throws UnsupportedOperationException as {@link #start}
     * @throws IOException as {@link #start}
     */
    public static NetpollEngine acquire(EngineConfig config) throws IOException {
        return SharedEngines.acquire(config);
    }

    /** Gives back what {@link #acquire} gave, once. */
    public void release() {
        SharedEngines.release(this);
    }

    static NetpollEngine start(EngineConfig config, Kernel kernel, IpStack ipStack)
            throws IOException {
        Ticker ticker = Ticker.system();
        var group = new LoopGroup(kernel, ticker, config.name(), config.loops(), config.carriers());
        return new NetpollEngine(config, kernel, group, ipStack);
    }

    /**
     * Listens. A wildcard address takes IPv4 and IPv6 alike, unless the JDK uses IPv4 alone: with {@code
     * java.net.preferIPv4Stack}, or where no interface has an IPv6 address.
     *
     * @throws BindException when the address is in use or not this host's, or an IPv6 one where the JDK
     *     uses IPv4 alone
     */
    public NetpollListener listen(SocketAddress address, ListenOptions options) throws IOException {
        return listen(address, options, null);
    }

    /**
     * Listens once for each loop, whose connections stay on it: the kernel spreads them by their addresses (SO_REUSEPORT), so
     * that one loop's connections wait for that loop alone. All listen on the same port.
     *
     * @throws BindException as {@link #listen}, also when another process shares its port
     */
    public List<NetpollListener> listenOnEachLoop(InetSocketAddress address, ListenOptions options)
            throws IOException {
        listen(address, options).close(); // or a second server by mistake would share the port
        List<NetpollListener> listeners = new ArrayList<>();
        int port = address.getPort();
        try {
            for (EventLoop loop : group.loops()) {
                var shared = new InetSocketAddress(address.getAddress(), port);
                NetpollListener listener = listen(shared, options, loop);
                listeners.add(listener);
                if (listener.localAddress() instanceof InetSocketAddress bound) {
                    port = bound.getPort();
                }
            }
            return List.copyOf(listeners);
        } catch (IOException | RuntimeException e) {
            listeners.forEach(NetpollListener::close);
            throw e;
        }
    }

    private NetpollListener listen(
            SocketAddress address, ListenOptions options, @Nullable EventLoop own)
            throws IOException {
        if (!ipStack.hasSocketsFor(address)) {
            throw new BindException("Cannot listen on " + address + ": " + IpStack.obstacle());
        }
        if (ipStack == IpStack.DUAL && isWildcard(address)) {
            int port = ((InetSocketAddress) address).getPort();
            int fd = kernel.socket(new InetSocketAddress(Dialer.ANY_V6, port));
            if (fd >= 0) {
                kernel.setOption(fd, SocketOption.IPV6_V6ONLY, 0);
                return listen(fd, new InetSocketAddress(Dialer.ANY_V6, port), options, own);
            }
        }
        return listen(checked("socket", kernel.socket(address)), address, options, own);
    }

    private NetpollListener listen(
            int fd, SocketAddress address, ListenOptions options, @Nullable EventLoop own)
            throws IOException {
        try {
            kernel.setOption(fd, SocketOption.SO_REUSEADDR, 1);
            if (own != null) {
                kernel.setOption(fd, SocketOption.SO_REUSEPORT, 1);
            }
            options.receiveBuffer().ifPresent(n -> kernel.setOption(fd, SocketOption.SO_RCVBUF, n));
            int r = kernel.bind(fd, address);
            if (r < 0) {
                throw bindFailed("bind", address, r);
            }
            r = kernel.listen(fd, options.backlog());
            if (r < 0) {
                throw bindFailed("listen", address, r);
            }
        } catch (IOException | RuntimeException e) {
            kernel.close(fd);
            throw e;
        }
        EventLoop loop = own == null ? group.loops().getFirst() : own;
        PolledFd polled = loop.register(fd);
        polled.desc().setListener();
        return new NetpollListener(this, polled, address, own);
    }

    /**
     * Connects, waiting at most {@code timeout} for it.
     *
     * @throws ConnectException when the peer refuses, or has an IPv6 address where the JDK uses IPv4 alone
     * @throws java.net.NoRouteToHostException when it cannot be reached
     * @throws java.net.SocketTimeoutException when it does not answer in time
     */
    public NetpollConnection connect(SocketAddress remote, Duration timeout) throws IOException {
        long deadline = deadlineAfter(timeout);
        NetpollConnection connection = adopt(startConnect(remote), PeerAddress.of(remote));
        try {
            connection.setWriteDeadline(deadline);
            connection.polled().finishConnect();
            connection.setWriteDeadline(NetpollConnection.NO_DEADLINE);
            return connection;
        } catch (KernelException e) {
            connection.close();
            throw Dialer.failed(remote, e);
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** The descriptor of a connection that stands or comes about. */
    private int startConnect(SocketAddress remote) throws IOException {
        int fd = dialer.socket(remote);
        try {
            dialer.start(fd, remote);
            return fd;
        } catch (IOException | RuntimeException e) {
            kernel.close(fd);
            throw e;
        }
    }

    /** A time-out beyond what a long of nanoseconds holds is none. */
    long deadlineAfter(Duration timeout) {
        if (timeout.compareTo(LONGEST) > 0) {
            return NetpollConnection.NO_DEADLINE;
        }
        return Math.addExact(ticker().nanoTime(), timeout.toNanos());
    }

    /** Puts a connected descriptor under the least loaded loop. */
    NetpollConnection adopt(int fd, PeerAddress peer) throws IOException {
        return adopt(fd, peer, null);
    }

    /** Puts it under {@code own}; under the least loaded for null. */
    NetpollConnection adopt(int fd, PeerAddress peer, @Nullable EventLoop own) throws IOException {
        EventLoop loop = own == null ? group.leastLoaded() : own;
        PolledFd polled = loop.register(fd);
        try {
            var connection = new NetpollConnection(this, loop, polled, peer);
            loop.connections().incrementAndGet();
            return connection;
        } catch (OutOfMemoryError e) {
            polled.close(); // nobody else knows it
            throw e;
        }
    }

    /** Starts a virtual thread on the least loaded loop. */
    public Thread fork(String name, Runnable task) {
        return group.leastLoaded().start(name, task);
    }

    /**
     * Makes virtual threads for executors: each on the loops of the engine that the JVM shares ({@link
     * #acquire}) at that time, or on the JDK's scheduler while there is none. Any thread.
     */
    public static ThreadFactory sharedThreadFactory() {
        return task -> {
            NetpollEngine shared = SharedEngines.firstOrNull();
            return shared == null
                    ? Thread.ofVirtual().unstarted(task)
                    : shared.group.unstarted(task);
        };
    }

    /**
     * A heap buffer of {@link #BUFFER_BYTES}, empty, the one this carrier used last. For bytes that
     * wait to be written; give it back with {@link #giveBack} as soon as they are.
     */
    public ByteBuffer borrowBuffer() {
        return CarrierBuffers.borrow();
    }

    /** As {@link #borrowBuffer}, with room for a TLS record that carries as much as such a buffer. */
    public ByteBuffer borrowRecordBuffer() {
        return CarrierBuffers.borrowRecord();
    }

    /** Gives a buffer of either kind back, from whatever thread. */
    public void giveBack(ByteBuffer buffer) {
        CarrierBuffers.giveBack(buffer);
    }

    /** The engine's clock; deadlines are values of it. */
    public Ticker ticker() {
        return group.ticker();
    }

    /** Whether the loops carry the virtual threads, or the JDK's scheduler does. */
    public boolean carriesThreads() {
        return group.carriesThreads();
    }

    public EngineConfig config() {
        return config;
    }

    /** The system calls that have failed so far, by name and errno. */
    public List<SyscallErrorCount> errors() {
        return group.errors().rows();
    }

    /**
     * What it does now and has done. Neither locks nor stops a loop, and costs a look at each
     * descriptor: for observers, not for every request.
     */
    public EngineSnapshot snapshot() {
        return EngineCount.take(group);
    }

    /** Told whenever a loop has to be taken from a carrier that is stuck. */
    void addStallListener(StallListener listener) {
        group.addStallListener(listener);
    }

    Kernel kernel() {
        return kernel;
    }

    /** The connections of {@link NetpollSocketFactory}'s sockets, and what they were told to connect to. */
    public Map<NetpollConnection, InetSocketAddress> outbound() {
        return Map.copyOf(outbound);
    }

    void connected(NetpollConnection connection, InetSocketAddress remote) {
        outbound.put(connection, remote);
    }

    void closed(NetpollConnection connection) {
        outbound.remove(connection);
    }

    Dialer dialer() {
        return dialer;
    }

    LoopGroup group() {
        return group;
    }

    /**
     * Stops the loops. I/O pending on listeners and connections that are still open fails with {@link
     * dev.netpoll.engine.io.ClosingException}, and so does what comes after it; their descriptors
     * remain the caller's to close. Virtual threads that are still alive go on elsewhere.
     */
    @Override
    public void close() {
        group.close();
    }

    /**
     * The exception for a bind(2) or listen(2) that failed; counts it. It has no cause: who looks for the
     * root cause of a server that does not start finds it, as with the JDK's sockets.
     */
    BindException bindFailed(String syscall, SocketAddress address, int result) {
        group.errors().count(syscall, result);
        // In the JDK's words: people look for them, and Spring Boot for a port in use.
        String reason =
                switch (Errno.of(result)) {
                    case EADDRINUSE -> "Address already in use";
                    case EADDRNOTAVAIL -> "Cannot assign requested address";
                    case EACCES -> "Permission denied";
                    case null, default -> "Cannot " + syscall;
                };
        return new BindException(reason + " (" + Errno.nameOf(result) + "): " + address);
    }

    private static int checked(String syscall, int result) throws KernelException {
        if (result < 0) {
            throw new KernelException(syscall, -1, result);
        }
        return result;
    }

    private static boolean isWildcard(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isAnyLocalAddress();
    }
}
