// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * The system calls of Linux, through the C library. This class lends each call its scratch memory; the
 * calls themselves stand by subject in {@link SocketCalls}, {@link TransferCalls}, {@link FileCalls} and
 * {@link EpollCalls}. Safe from any thread.
 */
public final class LinuxKernel implements Kernel {

    private static final int CONNECTION_EVENTS =
            EpollMask.IN | EpollMask.OUT | EpollMask.PRI | EpollMask.RDHUP | EpollMask.ET;
    private static final int READABLE_EVENTS = EpollMask.IN | EpollMask.ET;

    private final ScratchSource scratches;

    public LinuxKernel(ScratchSource scratches) {
        this.scratches = scratches;
    }

    @Override
    public int socket(SocketAddress address) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.socket(s, address);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int bind(int fd, SocketAddress address) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.bind(s, fd, address);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int connect(int fd, SocketAddress address) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.connect(s, fd, address);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int listen(int fd, int backlog) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.listen(s, fd, backlog);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int accept(int fd, PeerAddress peer) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.accept(s, fd, peer);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int shutdownRead(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.shutdownRead(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int available(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.available(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int shutdownWrite(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.shutdownWrite(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int shutdownBoth(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.shutdownBoth(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int close(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.close(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int receive(int fd, byte[] dst, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.receive(s, fd, dst, off, len);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int receive(int fd, ByteBuffer dst) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.receive(s, fd, dst);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int send(int fd, byte[] src, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.send(s, fd, src, off, len);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int send(int fd, ByteBuffer src) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.send(s, fd, src);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public long sendVectored(int fd, ByteBuffer[] srcs, int off, int len) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.sendVectored(s, fd, srcs, off, len);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public long sendFile(int fd, int fileFd, long position, long count) {
        Scratch s = scratches.acquire();
        try {
            return TransferCalls.sendFile(s, fd, fileFd, position, count);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int openFile(String path) {
        Scratch s = scratches.acquire();
        try {
            return FileCalls.open(s, path);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int unlink(String path) {
        Scratch s = scratches.acquire();
        try {
            return FileCalls.unlink(s, path);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int setOption(int fd, SocketOption option, int value) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.setOption(s, fd, option, value);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int setLinger(int fd, int seconds) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.setLinger(s, fd, seconds);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int option(int fd, SocketOption option) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.option(s, fd, option);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int pendingError(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.pendingError(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public @Nullable SocketAddress localAddress(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.localAddress(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public @Nullable SocketAddress remoteAddress(int fd) {
        Scratch s = scratches.acquire();
        try {
            return SocketCalls.remoteAddress(s, fd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollCreate() {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.create(s);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollAdd(int epfd, int fd, long data) {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.add(s, epfd, fd, CONNECTION_EVENTS, data);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollAddReadable(int epfd, int fd, long data) {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.add(s, epfd, fd, READABLE_EVENTS, data);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int epollWait(int epfd, EpollEvents events, long timeoutNanos) {
        return EpollCalls.await(epfd, (NativeEpollEvents) events, timeoutNanos);
    }

    @Override
    public int epollReady(int epfd) {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.ready(s, epfd);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public EpollEvents newEvents(int capacity) {
        return new NativeEpollEvents(capacity);
    }

    @Override
    public int eventFd() {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.eventFd(s);
        } finally {
            scratches.release(s);
        }
    }

    @Override
    public int eventFdSignal(int fd) {
        Scratch s = scratches.acquire();
        try {
            return EpollCalls.signal(s, fd);
        } finally {
            scratches.release(s);
        }
    }
}
