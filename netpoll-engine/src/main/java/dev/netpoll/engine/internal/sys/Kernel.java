// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import dev.netpoll.engine.io.SocketOption;

import org.jspecify.annotations.Nullable;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * The system calls the engine makes, one method each.
 *
 * <p>Every method answers as the raw system call does: a result of zero or more, or the negated
 * errno ({@code -11} is {@code EAGAIN}). Nothing is retried, interpreted or thrown. Descriptors made
 * here are non-blocking and close-on-exec. Safe from any thread; no method parks a virtual thread,
 * and only {@link #epollWait} blocks its thread.
 *
 * <p>A seam so that the state machines above run against scripted answers, and so that a count of
 * errors can be laid around the real one.
 */
public interface Kernel {

    /**
     * The most one receive or send of heap bytes moves. Answering this much says nothing about how
     * much more there was.
     */
    int MAX_TRANSFER = 64 * 1024;

    /** socket(2), stream, non-blocking, for the family of {@code address}. */
    int socket(SocketAddress address);

    /** bind(2). */
    int bind(int fd, SocketAddress address);

    /** listen(2). */
    int listen(int fd, int backlog);

    /** accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC; on success {@code peer} has the address. */
    int accept(int fd, PeerAddress peer);

    /** connect(2). */
    int connect(int fd, SocketAddress address);

    /** shutdown(2) of the reading half. */
    int shutdownRead(int fd);

    /** shutdown(2) of the writing half. */
    int shutdownWrite(int fd);

    /** shutdown(2) of both halves. */
    int shutdownBoth(int fd);

    /** close(2). The number is free for reuse even when this answers an error. */
    int close(int fd);

    /** ioctl(2) FIONREAD: the bytes that a receive would find. */
    int available(int fd);

    /** recv(2) into {@code dst} from {@code off}; 0 means the peer's end of stream. */
    int receive(int fd, byte[] dst, int off, int len);

    /** recv(2) into the remaining room of {@code dst}, advancing its position by the result. */
    int receive(int fd, ByteBuffer dst);

    /** send(2) with MSG_NOSIGNAL. */
    int send(int fd, byte[] src, int off, int len);

    /** send(2) of the remaining bytes of {@code src}, advancing its position by the result. */
    int send(int fd, ByteBuffer src);

    /** sendmsg(2): the remaining bytes of several buffers in one call, positions advanced. */
    long sendVectored(int fd, ByteBuffer[] srcs, int off, int len);

    /** open(2) of a file for reading. */
    int openFile(String path);

    /** sendfile(2) from {@code position} of {@code fileFd}, at most {@code count} bytes. */
    long sendFile(int fd, int fileFd, long position, long count);

    /** unlink(2). */
    int unlink(String path);

    /** setsockopt(2) with an int value. */
    int setOption(int fd, SocketOption option, int value);

    /** getsockopt(2) with an int value; a negative option value cannot be told from an error. */
    int option(int fd, SocketOption option);

    /** SO_LINGER: seconds, or a negative number to switch lingering off. */
    int setLinger(int fd, int seconds);

    /** getsockopt(2) SO_ERROR: the pending error as a negated errno, 0 for none. */
    int pendingError(int fd);

    /** getsockname(2), or null when the kernel refuses. */
    @Nullable SocketAddress localAddress(int fd);

    /** getpeername(2), or null when the peer is gone. */
    @Nullable SocketAddress remoteAddress(int fd);

    /** epoll_create1(2). */
    int epollCreate();

    /**
     * epoll_ctl(2) EPOLL_CTL_ADD, edge-triggered for IN, OUT, PRI and RDHUP, with {@code data} as
     * what its events carry.
     */
    int epollAdd(int epfd, int fd, long data);

    /** epoll_ctl(2) EPOLL_CTL_ADD, edge-triggered, for IN only (an eventfd). */
    int epollAddReadable(int epfd, int fd, long data);

    /**
     * epoll_pwait2(2): blocks the calling platform thread until an event, or {@code timeoutNanos} (0
     * polls, negative waits for ever). Answers the number of records in {@code events}.
     */
    int epollWait(int epfd, EpollEvents events, long timeoutNanos);

    /** poll(2) of an epoll instance, at once: 1 when a wait would find events there. Takes none of them. */
    int epollReady(int epfd);

    /** A record list for {@link #epollWait}, for {@code capacity} events a call. */
    EpollEvents newEvents(int capacity);

    /** eventfd(2). */
    int eventFd();

    /** write(2) of 1 to an eventfd. */
    int eventFdSignal(int fd);
}
