// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.EpollEvents;
import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.PeerAddress;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A kernel that answers what it was told to, one answer a call, and knows which descriptors are open:
 * a call on one that is not is the error it exists to find.
 */
final class ScriptedKernel implements Kernel {

    private static final int FIRST_FD = 100;

    /** What {@code poll} hands out next, as data and mask. */
    private record Event(long data, int mask) {}

    private static final class Events implements EpollEvents {
        private final int capacity;
        private List<Event> current = List.of();

        private Events(int capacity) {
            this.capacity = capacity;
        }

        @Override
        public long data(int index) {
            return current.get(index).data;
        }

        @Override
        public int mask(int index) {
            return current.get(index).mask;
        }
    }

    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final Set<Integer> open = ConcurrentHashMap.newKeySet();
    final List<Integer> closed = Collections.synchronizedList(new ArrayList<>());

    private final Deque<Long> answers = new ArrayDeque<>();
    private final List<Event> events = new ArrayList<>();
    private int nextFd = FIRST_FD;

    /** Runs inside each scripted call, before it answers. */
    volatile Runnable during = () -> {};

    volatile @Nullable SocketAddress remote;

    // ---- the script -----------------------------------------------------------------------------

    /** The next calls answer these, in order. */
    synchronized void answer(long... next) {
        for (long answer : next) {
            answers.add(answer);
        }
    }

    void answer(Errno next) {
        answer(-next.number());
    }

    synchronized boolean exhausted() {
        return answers.isEmpty();
    }

    /** The next poll brings this. */
    synchronized void event(long data, int mask) {
        events.add(new Event(data, mask));
    }

    synchronized int newFd() {
        int fd = nextFd++;
        open.add(fd);
        return fd;
    }

    private int next(String call, int fd) {
        calls.add(call);
        mustBeOpen(call, fd);
        during.run();
        Long answer;
        synchronized (this) {
            answer = answers.poll();
        }
        if (answer == null) {
            throw new AssertionError("Nobody expected " + call + " after " + calls);
        }
        mustBeOpen(call, fd);
        return answer.intValue();
    }

    private void mustBeOpen(String call, int fd) {
        if (!open.contains(fd)) {
            throw new AssertionError(call + " on descriptor " + fd + ", which is not open");
        }
    }

    // ---- the calls ------------------------------------------------------------------------------

    @Override
    public int receive(int fd, ByteBuffer dst) {
        int n = next("recv", fd);
        if (n > 0) {
            dst.position(dst.position() + n);
        }
        return n;
    }

    @Override
    public int send(int fd, ByteBuffer src) {
        int n = next("send", fd);
        if (n > 0) {
            src.position(src.position() + n);
        }
        return n;
    }

    @Override
    public long sendVectored(int fd, ByteBuffer[] srcs, int off, int len) {
        int n = next("sendmsg", fd);
        int left = n;
        for (int i = off; left > 0; i++) {
            int piece = Math.min(left, srcs[i].remaining());
            srcs[i].position(srcs[i].position() + piece);
            left -= piece;
        }
        return n;
    }

    @Override
    public long sendFile(int fd, int fileFd, long position, long count) {
        return next("sendfile", fd);
    }

    @Override
    public int accept(int fd, PeerAddress peer) {
        return next("accept4", fd);
    }

    @Override
    public int shutdownRead(int fd) {
        return next("shutdown", fd);
    }

    @Override
    public int available(int fd) {
        return next("available", fd);
    }

    @Override
    public int shutdownWrite(int fd) {
        return next("shutdown", fd);
    }

    @Override
    public int shutdownBoth(int fd) {
        return next("shutdown", fd);
    }

    @Override
    public int pendingError(int fd) {
        return next("getsockopt", fd);
    }

    @Override
    public int setOption(int fd, SocketOption option, int value) {
        return next("setsockopt", fd);
    }

    @Override
    public int setLinger(int fd, int seconds) {
        return next("setsockopt", fd);
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) {
        mustBeOpen("getsockname", fd);
        return remote;
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) {
        mustBeOpen("getpeername", fd);
        return remote;
    }

    @Override
    public int close(int fd) {
        if (!open.remove(fd)) {
            throw new AssertionError("Descriptor " + fd + " closed twice, or never open");
        }
        closed.add(fd);
        return 0;
    }

    @Override
    public int epollCreate() {
        return newFd();
    }

    @Override
    public int eventFd() {
        return newFd();
    }

    @Override
    public int epollAdd(int epfd, int fd, long data) {
        mustBeOpen("epoll_ctl", epfd);
        return next("epoll_ctl", fd);
    }

    @Override
    public int epollAddReadable(int epfd, int fd, long data) {
        mustBeOpen("epoll_ctl", epfd);
        mustBeOpen("epoll_ctl", fd);
        return 0;
    }

    @Override
    public int epollWait(int epfd, EpollEvents to, long timeoutNanos) {
        mustBeOpen("epoll_wait", epfd);
        calls.add("epoll_wait");
        during.run();
        synchronized (this) {
            Long answer = answers.poll();
            if (answer != null) {
                return answer.intValue();
            }
            Events room = (Events) to;
            List<Event> next = events.subList(0, Math.min(events.size(), room.capacity));
            room.current = List.copyOf(next);
            next.clear();
            return room.current.size();
        }
    }

    @Override
    public synchronized int epollReady(int epfd) {
        mustBeOpen("poll", epfd);
        return events.isEmpty() ? 0 : 1;
    }

    @Override
    public int eventFdSignal(int fd) {
        mustBeOpen("write", fd);
        during.run();
        mustBeOpen("write", fd);
        calls.add("write");
        return Long.BYTES;
    }

    @Override
    public EpollEvents newEvents(int capacity) {
        return new Events(capacity);
    }

    // ---- never made by this package

    @Override
    public int socket(SocketAddress address) {
        throw unexpected("socket");
    }

    @Override
    public int bind(int fd, SocketAddress address) {
        throw unexpected("bind");
    }

    @Override
    public int listen(int fd, int backlog) {
        throw unexpected("listen");
    }

    @Override
    public int connect(int fd, SocketAddress address) {
        throw unexpected("connect");
    }

    @Override
    public int receive(int fd, byte[] dst, int off, int len) {
        throw unexpected("recv");
    }

    @Override
    public int send(int fd, byte[] src, int off, int len) {
        throw unexpected("send");
    }

    @Override
    public int openFile(String path) {
        throw unexpected("open");
    }

    @Override
    public int unlink(String path) {
        throw unexpected("unlink");
    }

    @Override
    public int option(int fd, SocketOption option) {
        throw unexpected("getsockopt");
    }

    private static AssertionError unexpected(String call) {
        return new AssertionError("Nobody expected " + call);
    }
}
