// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.EngineSnapshot.DeadlineCounts;
import dev.netpoll.engine.EngineSnapshot.Deadlines;
import dev.netpoll.engine.EngineSnapshot.Waiters;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.engine.stats.SyscallErrorCount;
import dev.netpoll.engine.stats.WaitKind;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

class EngineSnapshotTest {

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final List<Socket> clients = new ArrayList<>();
    private NetpollEngine engine;
    private NetpollListener listener;

    @BeforeEach
    void listen() throws IOException {
        engine = NetpollEngine.start(EngineConfig.defaults());
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listener = engine.listen(any, ListenOptions.defaults());
    }

    @AfterEach
    void close() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
        listener.close();
        engine.close();
    }

    @Test
    void aFreshEngineHasNoWaitersAndNoErrors() {
        EngineSnapshot snapshot = engine.snapshot();

        assertThat(snapshot.waiters()).isEqualTo(new Waiters(0, 0, 0, 0));
        assertThat(snapshot.deadlines()).isEqualTo(new Deadlines(0, 0));
        assertThat(snapshot.errors()).isEmpty();
        assertThat(snapshot.loops()).hasSize(engine.config().loops());
        assertThat(snapshot.carriesThreads()).isTrue();
        assertThat(snapshot.carriers()).isGreaterThanOrEqualTo(engine.config().loops());
    }

    @Test
    void everyWaiterIsCountedAsWhatItIs() throws Exception {
        Thread acceptor = engine.fork("acceptor", () -> unchecked(listener::accept));
        clients.add(connected());
        acceptor.join(BOUND);

        NetpollConnection parked = accepted();
        NetpollConnection idle = accepted();
        NetpollConnection full = accepted();
        parked.fork(() -> unchecked(() -> parked.read(ByteBuffer.allocate(1))));
        idle.setReadDeadline(engine.ticker().nanoTime() + BOUND.toNanos());
        idle.whenReadable(() -> {});
        full.fork(() -> unchecked(() -> writeWithoutEnd(full)));

        // All at one look: it is put together from parts, while the threads still go to where they
        // wait.
        eventually(
                s ->
                        s.waiters().equals(new Waiters(1, 1, 1, 0))
                                && s.deadlines().equals(new Deadlines(1, 0))
                                && sum(s, LoopSnapshot::connections) == 4);

        parked.close();
        idle.close();
        full.close();
        eventually(
                s ->
                        s.waiters().equals(new Waiters(0, 0, 0, 0))
                                && s.deadlines().equals(new Deadlines(0, 0))
                                && sum(s, LoopSnapshot::connections) == 1);
    }

    @Test
    void aWaitThatIsOverIsInTheHistogramOfItsKindAndAnAcceptorsIsInNone() throws Exception {
        Thread acceptor = engine.fork("acceptor", () -> unchecked(listener::accept));
        clients.add(connected());
        acceptor.join(BOUND);
        NetpollConnection parked = accepted();
        NetpollConnection idle = accepted();
        NetpollConnection full = accepted();
        parked.fork(() -> unchecked(() -> parked.read(ByteBuffer.allocate(1))));
        idle.whenReadable(() -> {});
        full.fork(() -> unchecked(() -> writeWithoutEnd(full)));
        eventually(s -> s.waiters().equals(new Waiters(1, 1, 1, 0)));
        Duration waited = Duration.ofMillis(30);
        EngineSnapshot before =
                eventually(
                        s ->
                                Stream.of(s.oldest().read(), s.oldest().write(), s.oldest().idle())
                                        .allMatch(age -> age.compareTo(waited) > 0));

        sendOneByte(clients.get(1));
        sendOneByte(clients.get(2));
        full.close();
        EngineSnapshot after =
                eventually(
                        s ->
                                s.waits().get(WaitKind.READ).total() == 1
                                        && s.waits().get(WaitKind.IDLE).total() == 1
                                        && s.waits().get(WaitKind.WRITE).total()
                                                > before.waits().get(WaitKind.WRITE).total());
        assertThat(after.waits().get(WaitKind.READ).sum()).isGreaterThan(waited);
        assertThat(after.waits().get(WaitKind.IDLE).sum()).isGreaterThan(waited);
        assertThat(after.waits().get(WaitKind.WRITE).sum()).isGreaterThan(waited);
    }

    @Test
    void deadlinesAreCountedAsTheyAreSetMovedAndExpire() throws Exception {
        NetpollConnection connection = accepted();
        long far = engine.ticker().nanoTime() + BOUND.toNanos();
        connection.setReadDeadline(far);
        connection.setReadDeadline(far + 1);
        connection.setReadDeadline(far + 1);
        connection.setReadDeadline(NetpollConnection.NO_DEADLINE);
        connection.setReadDeadline(far);
        connection.setReadDeadline(NetpollConnection.EXPIRED);
        connection.setReadDeadline(engine.ticker().nanoTime() + 1_000_000);
        connection.setWriteDeadline(1);

        EngineSnapshot after =
                eventually(
                        s ->
                                s.deadlineCounts().expiredReads() == 1
                                        && s.deadlineCounts().expiredWrites() == 1);
        assertThat(after.deadlineCounts()).isEqualTo(new DeadlineCounts(4, 1, 1, 1));
        connection.close();
    }

    @Test
    void whereALoopsTimeGoesIsKnown() throws Exception {
        NetpollConnection connection = accepted();
        connection.setReadDeadline(engine.ticker().nanoTime() + 1_000_000);
        EngineSnapshot snapshot =
                eventually(
                        s -> {
                            // Again and again: a loop that is awake just then is not woken.
                            Thread waker = engine.fork("wakes a loop", () -> {});
                            Bounded.until("it has run", () -> !waker.isAlive());
                            return s.loops().stream()
                                            .anyMatch(loop -> loop.times().lag().total() > 0)
                                    && s.loops().stream()
                                            .anyMatch(loop -> loop.times().wakeUp().total() > 0);
                        });
        assertThat(snapshot.alive()).isTrue();
        assertThat(snapshot.loops())
                .allSatisfy(
                        loop ->
                                assertThat(loop.times().slept())
                                        .isBetween(Duration.ZERO, loop.times().age()));
        assertThat(snapshot.loops())
                .anySatisfy(loop -> assertThat(loop.times().slept()).isGreaterThan(Duration.ZERO));
        connection.close();
    }

    @Test
    void bytesAreCountedBothWays() throws Exception {
        NetpollConnection connection = accepted();
        clients.getLast().getOutputStream().write(new byte[70]);
        ByteBuffer in = ByteBuffer.allocate(70);
        while (in.hasRemaining()) {
            connection.read(in);
        }
        connection.write(ByteBuffer.allocate(30));
        connection.write(ByteBuffer.allocate(5), ByteBuffer.allocate(6));

        assertThat(connection.received()).isEqualTo(70);
        assertThat(connection.sent()).isEqualTo(41);
        connection.close();
    }

    @Test
    void anAcceptorIsNoWaiter() {
        Thread acceptor =
                engine.fork("acceptor", () -> assertThatThrownBy(listener::accept).isNotNull());
        eventually(_ -> acceptor.getState() == Thread.State.WAITING);

        assertThat(engine.snapshot().waiters()).isEqualTo(new Waiters(0, 0, 0, 0));
    }

    @Test
    void whatTheLoopsDoIsCounted() throws Exception {
        NetpollConnection connection = accepted();
        EngineSnapshot before = engine.snapshot();
        connection.fork(() -> unchecked(() -> readWithoutEnd(connection)));
        // Several, because a slice that stalls is not counted.
        eventually(
                s -> {
                    unchecked(() -> sendOneByte(clients.getFirst()));
                    return sum(s, LoopSnapshot::slices) > sum(before, LoopSnapshot::slices)
                            && sum(s, LoopSnapshot::events) > sum(before, LoopSnapshot::events)
                            && sum(s, LoopSnapshot::polls) > sum(before, LoopSnapshot::polls);
                });
    }

    @Test
    void aStuckCarrierIsAStall() {
        AtomicBoolean enough = new AtomicBoolean();
        engine.fork(
                "spinner",
                () -> {
                    while (!enough.get()) {
                        Thread.onSpinWait();
                    }
                });
        EngineSnapshot snapshot =
                eventually(
                        s -> sum(s, LoopSnapshot::stalls) > 0 && s.carriers() > s.loops().size());
        enough.set(true);

        assertThat(snapshot.loops())
                .filteredOn(loop -> loop.stalls() > 0)
                .isNotEmpty()
                .allSatisfy(
                        loop ->
                                assertThat(loop.longestStall())
                                        .isGreaterThanOrEqualTo(Duration.ofMillis(10)));
        eventually(s -> s.carriers() == s.loops().size());
    }

    @Test
    void aFailedCallIsInTheTableOfErrors() throws Exception {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        var nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), free);

        assertThatThrownBy(() -> engine.connect(nobody, BOUND))
                .isInstanceOf(ConnectException.class);

        assertThat(engine.snapshot().errors())
                .singleElement()
                .satisfies(
                        row -> {
                            assertThat(row)
                                    .extracting(SyscallErrorCount::syscall)
                                    .isEqualTo("connect");
                            assertThat(row.errno()).isEqualTo("ECONNREFUSED");
                            assertThat(row.count()).isEqualTo(1);
                        });
    }

    private NetpollConnection accepted() throws IOException {
        clients.add(connected());
        return listener.accept();
    }

    private Socket connected() throws IOException {
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static Void sendOneByte(Socket client) throws IOException {
        client.getOutputStream().write(1);
        return null;
    }

    private static Integer readWithoutEnd(NetpollConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1);
        int n = 0;
        while (n >= 0) {
            n = connection.read(buffer.clear());
        }
        return n;
    }

    private static Void writeWithoutEnd(NetpollConnection connection) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        while (true) {
            connection.write(buffer.clear());
        }
    }

    private EngineSnapshot eventually(Predicate<EngineSnapshot> condition) {
        long giveUp = System.nanoTime() + BOUND.toNanos();
        EngineSnapshot snapshot = engine.snapshot();
        while (!condition.test(snapshot)) {
            assertThat(System.nanoTime()).as("waited in vain, at %s", snapshot).isLessThan(giveUp);
            Thread.onSpinWait();
            snapshot = engine.snapshot();
        }
        return snapshot;
    }

    private static long sum(EngineSnapshot snapshot, ToLongFunction<LoopSnapshot> counter) {
        return snapshot.loops().stream().mapToLong(counter).sum();
    }

    private interface Io {
        Object run() throws IOException;
    }

    /** Ends quietly when its connection is closed, as every test does in the end. */
    private static void unchecked(Io io) {
        try {
            io.run();
        } catch (ClosingException e) {
            // The test is over.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
