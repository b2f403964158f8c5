// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sys.EpollEvents;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.SocketOption;
import dev.netpoll.engine.sim.world.Faults.Kind;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A simulated kernel. Numbers are given out again at once, the lowest first; a call on one that is not open is
 * a violation, since only a bug can make it.
 *
 * <p>Around each call another thread may come in between; within it none does.
 */
final class SimKernel implements Kernel {

    private static final int FIRST_FD = 3;

    private final Scheduler scheduler;
    private final Faults faults;
    private final SimNetwork network;
    private final int limit;

    /** What is open: a {@link SimSocket}, a {@link SimEpoll}, or an eventfd's entry or name. */
    private final TreeMap<Integer, Object> open = new TreeMap<>();

    /** In the order in which they were made, which is that of the loops. */
    final List<SimEpoll> epolls = new ArrayList<>();

    /** An eventfd. */
    private static final class EventFd {
        SimEpoll.@Nullable Item item;
    }

    SimKernel(Scheduler scheduler, Faults faults, SimNetwork network) {
        this.scheduler = scheduler;
        this.faults = faults;
        this.network = network;
        this.limit = faults.isPossible(Kind.OUT_OF_DESCRIPTORS) ? 14 : 1_000;
    }

    /** What is still open. */
    String stillOpen() {
        return open.keySet().toString();
    }

    boolean nothingIsOpen() {
        return open.isEmpty();
    }

    @Nullable SimSocket socketOf(int fd) {
        return open.get(fd) instanceof SimSocket socket ? socket : null;
    }

    // ---- descriptors
    // ----------------------------------------------------------------------------------

    private int open(Object file) {
        int fd = FIRST_FD;
        while (open.containsKey(fd)) {
            fd++;
        }
        open.put(fd, file);
        return fd;
    }

    private boolean isFull() {
        boolean full = open.size() >= limit;
        if (full) {
            faults.hit(Kind.OUT_OF_DESCRIPTORS);
        }
        return full;
    }

    private SimSocket socket(String call, int fd) {
        return (SimSocket) file(call, fd, SimSocket.class);
    }

    private Object file(String call, int fd, Class<?> kind) {
        Object file = open.get(fd);
        if (!kind.isInstance(file)) {
            scheduler.violate(call + " on descriptor " + fd + ", which is " + described(file));
        }
        return java.util.Objects.requireNonNull(file);
    }

    private static String described(@Nullable Object file) {
        return file == null ? "not open" : "a " + file.getClass().getSimpleName();
    }

    private static final int ENTRY = 0x2545f491;

    private void enter(String call) {
        scheduler.point(call.hashCode() ^ ENTRY);
    }

    private int answer(String call, int fd, long result) {
        scheduler.trace.call(call, fd, result);
        scheduler.point(call.hashCode());
        return (int) result;
    }

    @Override
    public int close(int fd) {
        enter("close");
        Object file = file("close", fd, Object.class);
        open.remove(fd);
        switch (file) {
            case SimSocket socket -> {
                if (socket.item != null) {
                    socket.item.epoll().remove(socket.item);
                    socket.item = null;
                }
                socket.close();
            }
            case SimEpoll epoll -> {
                if (epoll.isPolled()) {
                    scheduler.violate("Descriptor " + fd + " is closed while a thread polls it");
                }
            }
            case EventFd event -> {
                if (event.item != null) {
                    event.item.epoll().remove(event.item);
                }
            }
            default -> throw new IllegalStateException(described(file));
        }
        return answer("close", fd, faults.errno(Kind.ERRNO_OF_CLOSE));
    }

    // ---- sockets
    // ----------------------------------------------------------------------------------------

    @Override
    public int socket(SocketAddress address) {
        enter("socket");
        int failed = isFull() ? -Errno.EMFILE.number() : faults.errno(Kind.ERRNO_OF_SOCKET);
        return answer("socket", -1, failed != 0 ? failed : open(network.newSocket()));
    }

    @Override
    public int bind(int fd, SocketAddress address) {
        socket("bind", fd).port = ((InetSocketAddress) address).getPort();
        return 0;
    }

    @Override
    public int listen(int fd, int backlog) {
        SimSocket socket = socket("listen", fd);
        return network.listen(socket, socket.port) ? 0 : -Errno.EADDRINUSE.number();
    }

    @Override
    public int accept(int fd, PeerAddress peer) {
        enter("accept");
        SimSocket listener = socket("accept4", fd);
        if (faults.hit(Kind.INTERRUPTED_CALL)) {
            return answer("accept4", fd, -Errno.EINTR.number());
        }
        if (listener.backlog.isEmpty()) {
            return answer("accept4", fd, -Errno.EAGAIN.number());
        }
        int failed = isFull() ? -Errno.EMFILE.number() : faults.errno(Kind.ERRNO_OF_ACCEPT);
        if (failed == 0) {
            return answer("accept4", fd, open(listener.backlog.removeFirst()));
        }
        if (isOfTheConnection(failed)) {
            listener.backlog.removeFirst().close();
        }
        return answer("accept4", fd, failed);
    }

    private static boolean isOfTheConnection(int failed) {
        return !Errno.EMFILE.is(failed)
                && !Errno.ENFILE.is(failed)
                && !Errno.ENOBUFS.is(failed)
                && !Errno.ENOMEM.is(failed);
    }

    @Override
    public int connect(int fd, SocketAddress address) {
        enter("connect");
        SimSocket socket = socket("connect", fd);
        int failed = faults.errno(Kind.ERRNO_OF_CONNECT);
        if (failed == 0) {
            network.connect(socket, ((InetSocketAddress) address).getPort());
            boolean interrupted = faults.hit(Kind.INTERRUPTED_CALL);
            failed = -(interrupted ? Errno.EINTR : Errno.EINPROGRESS).number();
        }
        return answer("connect", fd, failed);
    }

    @Override
    public int receive(int fd, ByteBuffer dst) {
        enter("receive");
        SimSocket socket = socket("recv", fd);
        int n = faults.hit(Kind.INTERRUPTED_CALL) ? -Errno.EINTR.number() : 0;
        n = n != 0 ? n : faults.errno(Kind.ERRNO_OF_RECV);
        if (n == 0) {
            byte[] to = new byte[Math.min(dst.remaining(), MAX_TRANSFER)];
            n = socket.receive(to, 0, to.length);
            if (n > 0) {
                dst.put(to, 0, n);
            }
        }
        return answer("recv", fd, n);
    }

    @Override
    public int send(int fd, ByteBuffer src) {
        enter("send");
        SimSocket socket = socket("send", fd);
        int n = send(socket, src);
        return answer("send", fd, n);
    }

    private int send(SimSocket socket, ByteBuffer src) {
        if (faults.hit(Kind.INTERRUPTED_CALL)) {
            return -Errno.EINTR.number();
        }
        int failed = faults.errno(Kind.ERRNO_OF_SEND);
        if (failed != 0) {
            return failed;
        }
        byte[] from = new byte[src.remaining()];
        src.duplicate().get(from);
        int n = socket.send(from, 0, from.length);
        if (n > 0) {
            src.position(src.position() + n);
        }
        return n;
    }

    @Override
    public long sendVectored(int fd, ByteBuffer[] srcs, int off, int len) {
        enter("sendVectored");
        SimSocket socket = socket("sendmsg", fd);
        long sent = 0;
        for (int i = off; i < off + len; i++) {
            int asked = srcs[i].remaining();
            int n = asked == 0 ? 0 : send(socket, srcs[i]);
            if (n < 0) {
                return answer("sendmsg", fd, sent > 0 ? sent : n);
            }
            sent += n;
            if (n < asked) {
                break;
            }
        }
        return answer("sendmsg", fd, sent);
    }

    @Override
    public int shutdownWrite(int fd) {
        return shutdown(fd, false, true);
    }

    @Override
    public int shutdownBoth(int fd) {
        return shutdown(fd, true, true);
    }

    @Override
    public int shutdownRead(int fd) {
        return shutdown(fd, true, false);
    }

    private int shutdown(int fd, boolean reading, boolean writing) {
        enter("shutdown");
        SimSocket socket = socket("shutdown", fd);
        int failed = faults.errno(Kind.ERRNO_OF_SHUTDOWN);
        if (failed == 0 && socket.listening) {
            network.unlisten(socket);
        }
        return answer("shutdown", fd, failed != 0 ? failed : socket.shutdown(reading, writing));
    }

    @Override
    public int setOption(int fd, SocketOption option, int value) {
        enter("setOption");
        socket("setsockopt", fd);
        return answer("setsockopt", fd, faults.errno(Kind.ERRNO_OF_SETSOCKOPT));
    }

    @Override
    public int setLinger(int fd, int seconds) {
        enter("setLinger");
        SimSocket socket = socket("setsockopt", fd);
        int failed = faults.errno(Kind.ERRNO_OF_SETSOCKOPT);
        if (failed == 0) {
            socket.lingerNot(seconds == 0);
        }
        return answer("setsockopt", fd, failed);
    }

    @Override
    public int available(int fd) {
        enter("available");
        return answer("ioctl", fd, socket("ioctl", fd).available());
    }

    @Override
    public int pendingError(int fd) {
        enter("pendingError");
        return answer("getsockopt", fd, -socket("getsockopt", fd).takeError());
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) {
        enter("localAddress");
        return address(socket("getsockname", fd).port);
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) {
        enter("remoteAddress");
        boolean connected = socket("getpeername", fd).isConnected();
        answer("getpeername", fd, connected ? 0 : -Errno.ENOTCONN.number());
        return connected ? address(1) : null;
    }

    static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    // ---- epoll
    // ------------------------------------------------------------------------------------------

    @Override
    public int epollCreate() {
        SimEpoll epoll = new SimEpoll(scheduler, faults);
        epolls.add(epoll);
        return open(epoll);
    }

    @Override
    public int epollAdd(int epfd, int fd, long data) {
        enter("epollAdd");
        SimEpoll epoll = (SimEpoll) file("epoll_ctl", epfd, SimEpoll.class);
        SimSocket socket = socket("epoll_ctl", fd);
        int failed = faults.errno(Kind.ERRNO_OF_EPOLL_CTL);
        if (failed == 0) {
            if (socket.item != null) {
                scheduler.violate("Descriptor " + fd + " is registered twice");
            }
            socket.item = epoll.add(fd, data, socket);
        }
        return answer("epoll_ctl", fd, failed);
    }

    @Override
    public int epollAddReadable(int epfd, int fd, long data) {
        EventFd event = (EventFd) file("epoll_ctl", fd, EventFd.class);
        SimEpoll epoll = (SimEpoll) file("epoll_ctl", epfd, SimEpoll.class);
        event.item = epoll.add(fd, data, null);
        return 0;
    }

    @Override
    public int epollWait(int epfd, EpollEvents events, long timeoutNanos) {
        enter("epollWait");
        SimEpoll epoll = (SimEpoll) file("epoll_wait", epfd, SimEpoll.class);
        return answer("epoll_wait", epfd, epoll.await((SimEpoll.Events) events, timeoutNanos));
    }

    @Override
    public int epollReady(int epfd) {
        enter("epollReady");
        SimEpoll epoll = (SimEpoll) file("poll", epfd, SimEpoll.class);
        return answer("poll", epfd, epoll.isReady() ? 1 : 0);
    }

    @Override
    public EpollEvents newEvents(int capacity) {
        return new SimEpoll.Events(capacity);
    }

    @Override
    public int eventFd() {
        return open(new EventFd());
    }

    @Override
    public int eventFdSignal(int fd) {
        enter("eventFdSignal");
        EventFd event = (EventFd) file("write", fd, EventFd.class);
        if (event.item != null) {
            event.item.wakeUp();
        }
        return answer("write", fd, Long.BYTES);
    }

    // ---- not asked by the workload
    // ------------------------------------------------------------------------

    @Override
    public int receive(int fd, byte[] dst, int off, int len) {
        throw new UnsupportedOperationException("recv of an array");
    }

    @Override
    public int send(int fd, byte[] src, int off, int len) {
        throw new UnsupportedOperationException("send of an array");
    }

    @Override
    public int openFile(String path) {
        throw new UnsupportedOperationException("open");
    }

    @Override
    public long sendFile(int fd, int fileFd, long position, long count) {
        throw new UnsupportedOperationException("sendfile");
    }

    @Override
    public int unlink(String path) {
        throw new UnsupportedOperationException("unlink");
    }

    @Override
    public int option(int fd, SocketOption option) {
        throw new UnsupportedOperationException("getsockopt");
    }
}
