// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static dev.netpoll.context.InterruptibleWait.Kind.LIKELY;
import static dev.netpoll.context.InterruptibleWait.Kind.SURE;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Which waits an interrupt ends for good: told by the stacks of threads that really wait. */
class InterruptibleWaitTest {

    private static final ReentrantLock TAKEN = new ReentrantLock();
    private static final Thread OWNER = Thread.ofPlatform().daemon().start(TAKEN::lock);
    private static final Thread ENDLESS =
            Thread.ofVirtual().start(() -> LockSupport.parkUntil(Long.MAX_VALUE));
    private static final ServerSocket PEER = peer();

    private static ServerSocket peer() {
        try {
            OWNER.join();
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private interface Wait {
        void run() throws Exception;
    }

    /** A library's wait of its own, as those of Guava's futures and of gRPC's blocking calls. */
    private static void awaitParked() throws InterruptedException {
        while (!Thread.interrupted()) {
            LockSupport.park();
        }
        throw new InterruptedException();
    }

    private static void takeUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                new SynchronousQueue<>().take();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Socket socket() throws Exception {
        return new Socket(PEER.getInetAddress(), PEER.getLocalPort());
    }

    private static SocketChannel channel() throws Exception {
        return SocketChannel.open(PEER.getLocalSocketAddress());
    }

    private static void writeAll(OutputStream stream) throws Exception {
        while (true) {
            stream.write(new byte[1 << 20]);
        }
    }

    private static void writeAll(SocketChannel channel) throws Exception {
        while (true) {
            channel.write(ByteBuffer.allocate(1 << 20));
        }
    }

    /** It is read by a thread that has something else to do. The channel has no use for the reader's. */
    private static void awaitAnAsynchronousFile() throws Exception {
        ExecutorService busy =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        busy.execute(() -> LockSupport.parkUntil(Long.MAX_VALUE));
        Path file = Files.createTempFile("asynchronous", null);
        try (AsynchronousFileChannel channel =
                AsynchronousFileChannel.open(file, Set.of(DELETE_ON_CLOSE), busy)) {
            channel.read(ByteBuffer.allocate(1), 0).get();
        }
    }

    /** As of a database or a file system that is a library: it waits where an interrupt closes it. */
    private static final class LibrarysFile extends AbstractInterruptibleChannel {

        void read() throws Exception {
            try {
                begin();
                new CountDownLatch(1).await();
            } finally {
                end(false);
            }
        }

        @Override
        protected void implCloseChannel() {
            // nothing is open
        }
    }

    /** A shutdown is what its interrupt means, of an executor that others may share. */
    private static void closeAnExecutor() {
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        executor.execute(LockSupport::park);
        executor.close();
    }

    private enum Interruptible {
        SLEEP(SURE, () -> Thread.sleep(Long.MAX_VALUE)),
        UNIT_SLEEP(SURE, () -> TimeUnit.DAYS.sleep(1)),
        JOIN(SURE, ENDLESS::join),
        TIMED_JOIN(SURE, () -> ENDLESS.join(100_000)),
        LOCK(SURE, TAKEN::lockInterruptibly),
        TIMED_LOCK(SURE, () -> TAKEN.tryLock(1, TimeUnit.DAYS)),
        MONITOR(
                LIKELY,
                () -> {
                    synchronized (InterruptibleWaitTest.class) {
                        InterruptibleWaitTest.class.wait();
                    }
                }),
        LATCH(SURE, () -> new CountDownLatch(1).await()),
        LATCH_IN_CODE_THAT_WRAPS(SURE, () -> await(new CountDownLatch(1))),
        SEMAPHORE(SURE, () -> new Semaphore(0).acquire()),
        BARRIER(LIKELY, () -> new CyclicBarrier(2).await()),
        TAKE(LIKELY, () -> new LinkedBlockingQueue<>().take()),
        POLL(LIKELY, () -> new ArrayBlockingQueue<>(1).poll(1, TimeUnit.DAYS)),
        HAND_OVER(LIKELY, () -> new SynchronousQueue<>().put(1)),
        HAND_OVER_POLL(LIKELY, () -> new SynchronousQueue<>().poll(1, TimeUnit.DAYS)),
        FUTURE(LIKELY, () -> new FutureTask<>(() -> 1).get()),
        COMPLETABLE_FUTURE(LIKELY, () -> new CompletableFuture<>().get()),
        TIMED_FUTURE(LIKELY, () -> new CompletableFuture<>().get(1, TimeUnit.DAYS)),
        ASYNCHRONOUS_FILE(SURE, InterruptibleWaitTest::awaitAnAsynchronousFile),
        PIPE(LIKELY, () -> new PipedInputStream(new PipedOutputStream()).read()),
        LIBRARYS_OWN(LIKELY, InterruptibleWaitTest::awaitParked);

        private final InterruptibleWait.Kind kind;
        private final Wait wait;

        Interruptible(InterruptibleWait.Kind kind, Wait wait) {
            this.kind = kind;
            this.wait = wait;
        }
    }

    /** With the method that is on the thread's stack once it waits for what is meant. */
    private enum Uninterruptible {
        LOCK("lock", TAKEN::lock),
        SEMAPHORE("acquireUninterruptibly", () -> new Semaphore(0).acquireUninterruptibly()),
        CONDITION(
                "awaitUninterruptibly",
                () -> {
                    ReentrantLock lock = new ReentrantLock();
                    lock.lock();
                    lock.newCondition().awaitUninterruptibly();
                }),
        FUTURE("waitingGet", () -> new CompletableFuture<>().join()),
        CLOSE_OF_AN_EXECUTOR("awaitTermination", InterruptibleWaitTest::closeAnExecutor),
        LIBRARYS_OWN("take", InterruptibleWaitTest::takeUninterruptibly),
        BARE_PARK("park", LockSupport::park),
        WRITE("implWrite", () -> writeAll(socket().getOutputStream())),
        WRITE_OF_A_LIBRARY("write", () -> ParkedSocket.connected().getOutputStream().write(1)),
        CHANNEL_WRITE("implWrite", () -> writeAll(channel())),
        PIPE_CHANNEL("read", () -> Pipe.open().source().read(ByteBuffer.allocate(1))),
        CHANNEL_OF_A_LIBRARY("read", () -> new LibrarysFile().read()),
        SELECT("select", () -> Selector.open().select());

        private final String method;
        private final Wait wait;

        Uninterruptible(String method, Wait wait) {
            this.method = method;
            this.wait = wait;
        }
    }

    /** Of a virtual thread; a platform thread does not wait there, as the JVM sees it. */
    private enum Reading {
        SOCKET(() -> socket().getInputStream().read()),
        CHANNEL(() -> channel().read(ByteBuffer.allocate(1))),
        SOCKET_OF_A_LIBRARY(() -> ParkedSocket.connected().getInputStream().read()),
        CONNECT_OF_A_LIBRARY(() -> new ParkedSocket().connect(PEER.getLocalSocketAddress())),
        ACCEPT(() -> new ServerSocket(0).accept());

        private final Wait wait;

        Reading(Wait wait) {
            this.wait = wait;
        }
    }

    private final List<Thread.Builder> kinds =
            List.of(Thread.ofVirtual(), Thread.ofPlatform().daemon());

    private Thread waiting;

    @AfterEach
    void letGo() {
        waiting.interrupt();
    }

    private void start(Thread.Builder kind, Wait wait) {
        waiting =
                kind.start(
                        () -> {
                            try {
                                wait.run();
                            } catch (Exception e) {
                                // let go
                            }
                        });
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEnds(Interruptible what) {
        for (Thread.Builder kind : kinds) {
            start(kind, what.wait);
            Bounded.until(() -> kind() == what.kind);
            waiting.interrupt();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptEndsTheReadingOf(Reading what) {
        start(Thread.ofVirtual(), what.wait);
        Bounded.until(() -> kind() == InterruptibleWait.Kind.SOCKET);
    }

    private InterruptibleWait.Kind kind() {
        InterruptibleWait wait = InterruptibleWait.of(waiting);
        return wait == null ? null : wait.kind();
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptIsPutOffBy(Uninterruptible what) {
        for (Thread.Builder kind : kinds) {
            start(kind, what.wait);
            Bounded.until(() -> isOnTheStack(what.method));
            assertThat(InterruptibleWait.of(waiting)).as("on %s", waiting).isNull();
            waiting.interrupt();
        }
    }

    private boolean isOnTheStack(String method) {
        return Arrays.stream(waiting.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }
}
