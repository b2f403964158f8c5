// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** The end of a response that is left to the loop, on a real loop and a real socket. */
class WriteQueueTest {

    private static final int LARGE = 1 << 20;

    private static final long PATIENCE_MILLIS = Bounded.PATIENCE.toMillis();

    private final CountDownLatch stuck = new CountDownLatch(1);
    private final ResponseGate gate = new ResponseGate();

    private NetpollEngine engine;
    private NetpollListener listener;
    private Socket client;
    private NetpollConnection connection;
    private WriteQueue queue;

    @BeforeEach
    void connect() throws IOException {
        engine = NetpollEngine.start(EngineConfig.defaults().withLoops(1));
        var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        listener = engine.listen(any, ListenOptions.defaults());
        var address = (InetSocketAddress) listener.localAddress();
        client = new Socket(address.getAddress(), address.getPort());
        client.setSoTimeout((int) PATIENCE_MILLIS);
        connection = listener.accept();
        Told told = new Told();
        queue = new WriteQueue(connection, new PlainStream(connection), gate, told, told);
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        client.close();
        listener.close();
        engine.close();
    }

    private final class Told implements WriteQueue.Observer, WriteQueue.Rest {

        @Override
        public void writeWaits(long timeoutMillis) {
            // as it must when the socket is full
        }

        @Override
        public void writeExpired() {
            throw new AssertionError("There was time enough");
        }

        @Override
        public void deferredSendStuck() {
            stuck.countDown();
        }

        @Override
        public void batchStuck() {
            stuck.countDown();
        }
    }

    /** On a virtual thread that the loop carries. */
    private <T> T onTheLoop(Callable<T> work) {
        var result = new CompletableFuture<T>();
        connection.fork(
                () -> {
                    try {
                        result.complete(work.call());
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                });
        return Bounded.value(result);
    }

    private void respond(String text) throws IOException {
        queue.add(bytes(text), PATIENCE_MILLIS);
        queue.flushLast(PATIENCE_MILLIS);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String received(int count) throws IOException {
        InputStream in = client.getInputStream();
        return new String(in.readNBytes(count), StandardCharsets.US_ASCII);
    }

    @Test
    void whatIsLeftToTheLoopArrives() throws Exception {
        boolean empty =
                onTheLoop(
                        () -> {
                            respond("response");
                            return queue.isEmpty();
                        });
        assertThat(empty).as("the writer is rid of it").isTrue();
        assertThat(received(8)).isEqualTo("response");
        awaitSent(8);
    }

    /** The client may have it a moment before it is counted. */
    private void awaitSent(long bytes) {
        Bounded.until(() -> connection.sent() == bytes, connection::sent);
    }

    @Test
    void aWriterThatGoesOnSendsFirstWhatItLeft() throws Exception {
        long sent =
                onTheLoop(
                        () -> {
                            respond("first ");
                            queue.add(bytes("second"), PATIENCE_MILLIS);
                            return connection.sent();
                        });
        assertThat(sent).as("what was left is out before more is taken in").isEqualTo(6);
        onTheLoop(
                () -> {
                    queue.flush(PATIENCE_MILLIS);
                    return null;
                });
        assertThat(received(12)).isEqualTo("first second");
    }

    @Test
    void aThreadThatNoLoopCarriesSendsAtOnce() throws Exception {
        respond("response");
        assertThat(connection.sent()).isEqualTo(8);
        assertThat(received(8)).isEqualTo("response");
    }

    @Test
    void aResponseThatWasCutIsNotLeftToTheLoop() throws Exception {
        gate.takeOver();
        queue.add(bytes("success"), PATIENCE_MILLIS);
        assertThatExceptionOfType(ClosedChannelException.class)
                .isThrownBy(() -> queue.flushLast(PATIENCE_MILLIS));
        assertThat(connection.sent()).isZero();
    }

    @Test
    void whatAFullSocketDoesNotTakeIsToldOnceAndSettledLater() throws Exception {
        long before = leaveUntilStuck();
        CompletableFuture<Long> skipped =
                Bounded.background(
                        () -> {
                            client.getInputStream().skipNBytes(before);
                            return before;
                        });
        onTheLoop(
                () -> {
                    queue.settle(PATIENCE_MILLIS);
                    return null;
                });
        assertThat(Bounded.value(skipped)).isEqualTo(before);
        assertThat(received(7)).isEqualTo("the end");
    }

    /** The client's kernel may take some from ours meanwhile: then it was not full, and once more. */
    private long leaveUntilStuck() {
        while (true) {
            long before =
                    onTheLoop(
                            () -> {
                                fillTheSocket();
                                long all = connection.sent();
                                respond("the end");
                                return all;
                            });
            Bounded.until(() -> isStuck() || connection.sent() == before + 7, connection::sent);
            if (isStuck()) {
                assertThat(connection.sent()).isEqualTo(before);
                return before;
            }
        }
    }

    private boolean isStuck() {
        return stuck.getCount() == 0;
    }

    private void fillTheSocket() throws IOException {
        ByteBuffer junk = ByteBuffer.allocate(64 * 1024);
        while (connection.tryWrite(junk.clear()) > 0) {
            // until it is full
        }
    }

    @Test
    void whoeverComesFirstSendsItAndNobodyTwice() throws Exception {
        int rounds = 500;
        for (int i = 0; i < rounds; i++) {
            String text = "%05d".formatted(i);
            var left = new CountDownLatch(1);
            CompletableFuture<Boolean> closer =
                    Bounded.background(
                            () -> {
                                Bounded.await(left);
                                queue.reclaim();
                                return true;
                            });
            onTheLoop(
                    () -> {
                        respond(text);
                        left.countDown();
                        return null;
                    });
            assertThat(received(5)).isEqualTo(text);
            assertThat(Bounded.value(closer)).isTrue();
        }
        awaitSent(5L * rounds);
        assertThat(stuck.getCount()).isEqualTo(1);
    }

    // ---- what operations write, in batches

    private void write(String text) throws IOException {
        queue.takeBack();
        assertThat(queue.tryTake(bytes(text))).isTrue();
        queue.leaveToBatch();
    }

    @Test
    void whatSeveralOperationsWriteInOneBatchIsOneSend() throws Exception {
        long sent =
                onTheLoop(
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                write("piece");
                            }
                            return connection.sent();
                        });
        assertThat(sent).as("nothing leaves before the batch's end").isZero();
        assertThat(received(500)).isEqualTo("piece".repeat(100));
        awaitSent(500);
    }

    @Test
    void anOperationOnAThreadThatNoLoopCarriesIsSentAtOnce() throws Exception {
        write("piece");
        assertThat(connection.sent()).isEqualTo(5);
        assertThat(received(5)).isEqualTo("piece");
    }

    @Test
    void anOperationThatFindsNoRoomIsToldAndWhatItHasIsSentLater() throws Exception {
        long before =
                onTheLoop(
                        () -> {
                            fillTheSocket();
                            queue.takeBack();
                            ByteBuffer much = ByteBuffer.allocate(10 * LARGE);
                            while (queue.tryTake(much)) {
                                much.clear();
                                fillTheSocket();
                            }
                            return connection.sent();
                        });
        assertThat(before).isPositive();
        CompletableFuture<Void> drained =
                Bounded.background(
                        () -> {
                            client.getInputStream().skipNBytes(before);
                            return null;
                        });
        onTheLoop(
                () -> {
                    queue.flush(PATIENCE_MILLIS);
                    write("the end");
                    return null;
                });
        Bounded.value(drained);
        client.shutdownOutput();
        Bounded.until(() -> connection.sent() > before, connection::sent);
    }
}
