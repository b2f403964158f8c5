// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.WebConnection;

import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.net.SocketWrapperBase.BlockingMode;
import org.apache.tomcat.util.net.SocketWrapperBase.CompletionCheck;
import org.apache.tomcat.util.net.SocketWrapperBase.CompletionState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.nio.channels.ReadPendingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The socket wrapper's vectored, asynchronous reads and writes, as an upgraded protocol uses them. */
abstract class AsyncIoContract extends ServerContract {

    private static final int SECONDS = 20;

    private final CompletableFuture<SocketWrapperBase<?>> upgraded = new CompletableFuture<>();

    private RawClient upgrade() throws Exception {
        TestServer server =
                server().connector(
                                connector ->
                                        connector.addUpgradeProtocol(
                                                new BareUpgrade(upgraded::complete)))
                        .start();
        RawClient client = server.connect().get("/", "Connection: Upgrade", "Upgrade: bare");
        assertThat(client.receiveHead().status()).isEqualTo(101);
        return client;
    }

    /** Nothing reads any more, and would find that the client has closed. */
    @AfterEach
    final void closeConnection() {
        if (upgraded.isDone()) {
            wrapper().close();
        }
    }

    private SocketWrapperBase<?> wrapper() {
        return Bounded.value(upgraded);
    }

    /** Completes with the number of bytes, or the failure. */
    private static final class Outcome implements CompletionHandler<Long, Void> {

        private final CompletableFuture<Long> result = new CompletableFuture<>();

        @Override
        public void completed(Long bytes, Void attachment) {
            result.complete(bytes);
        }

        @Override
        public void failed(Throwable why, Void attachment) {
            result.completeExceptionally(why);
        }

        Throwable failure() {
            Bounded.until(result::isDone, result::toString);
            return result.exceptionNow();
        }
    }

    private CompletionState read(BlockingMode mode, Outcome outcome, ByteBuffer... to) {
        return read(mode, SocketWrapperBase.COMPLETE_READ_WITH_COMPLETION, outcome, to);
    }

    private CompletionState read(
            BlockingMode mode, @Nullable CompletionCheck check, Outcome outcome, ByteBuffer... to) {
        return wrapper().read(mode, SECONDS, TimeUnit.SECONDS, null, check, outcome, to);
    }

    private CompletionState write(BlockingMode mode, Outcome outcome, ByteBuffer... from) {
        return write(mode, SocketWrapperBase.COMPLETE_WRITE_WITH_COMPLETION, outcome, from);
    }

    private CompletionState write(
            BlockingMode mode,
            @Nullable CompletionCheck check,
            Outcome outcome,
            ByteBuffer... from) {
        return wrapper().write(mode, SECONDS, TimeUnit.SECONDS, null, check, outcome, from);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(ByteBuffer read) {
        return new String(read.array(), 0, read.position(), StandardCharsets.US_ASCII);
    }

    @Test
    void aReadThatWaitsIsCompletedWhenItsBuffersAreFull() throws Exception {
        RawClient client = upgrade();
        ByteBuffer first = ByteBuffer.allocate(3);
        ByteBuffer second = ByteBuffer.allocate(5);
        Outcome outcome = new Outcome();
        assertThat(read(BlockingMode.NON_BLOCK, outcome, first, second))
                .isEqualTo(CompletionState.PENDING);
        client.send("abc");
        client.send("de");
        client.send("fgh");
        assertThat(Bounded.value(outcome.result)).isEqualTo(8);
        assertThat(text(first)).isEqualTo("abc");
        assertThat(text(second)).isEqualTo("defgh");
    }

    @Test
    void aBlockingReadReturnsWhenItIsDone() throws Exception {
        RawClient client = upgrade();
        ByteBuffer to = ByteBuffer.allocate(5);
        Outcome outcome = new Outcome();
        CompletableFuture<CompletionState> state =
                Bounded.background(() -> read(BlockingMode.BLOCK, outcome, to));
        client.send("hel");
        client.send("lo");
        assertThat(Bounded.value(state)).isIn(CompletionState.DONE, CompletionState.INLINE);
        assertThat(Bounded.value(outcome.result)).isEqualTo(5);
        assertThat(text(to)).isEqualTo("hello");
    }

    @Test
    void aSecondReadIsRefusedWhileOneWaits() throws Exception {
        RawClient client = upgrade();
        Outcome waiting = new Outcome();
        read(BlockingMode.NON_BLOCK, waiting, ByteBuffer.allocate(1));
        assertThat(read(BlockingMode.NON_BLOCK, new Outcome(), ByteBuffer.allocate(1)))
                .isEqualTo(CompletionState.NOT_DONE);
        Outcome refused = new Outcome();
        assertThat(read(BlockingMode.CLASSIC, refused, ByteBuffer.allocate(1)))
                .isEqualTo(CompletionState.ERROR);
        assertThat(refused.failure()).isInstanceOf(ReadPendingException.class);
        client.send("x");
        assertThat(Bounded.value(waiting.result)).isEqualTo(1);
    }

    @Test
    void aReadFailsAtTheEndOfTheStream() throws Exception {
        RawClient client = upgrade();
        Outcome outcome = new Outcome();
        read(BlockingMode.NON_BLOCK, outcome, ByteBuffer.allocate(1));
        client.halfClose();
        assertThat(outcome.failure()).isInstanceOf(IOException.class);
    }

    @Test
    void aReadThatWaitsTooLongFails() throws Exception {
        upgrade();
        Outcome outcome = new Outcome();
        wrapper()
                .read(
                        BlockingMode.NON_BLOCK,
                        100,
                        TimeUnit.MILLISECONDS,
                        null,
                        SocketWrapperBase.COMPLETE_READ_WITH_COMPLETION,
                        outcome,
                        ByteBuffer.allocate(1));
        assertThat(outcome.failure()).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void whatIsWrittenArrivesInOrder() throws Exception {
        RawClient client = upgrade();
        for (int i = 0; i < 100; i++) {
            Outcome outcome = new Outcome();
            write(BlockingMode.SEMI_BLOCK, outcome, bytes("ab"), bytes("cde"));
            assertThat(Bounded.value(outcome.result)).isEqualTo(5);
        }
        assertThat(client.in().readNBytes(500))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("abcde".repeat(100));
    }

    @Test
    void aWriteWithoutRoomIsCompletedWhenItsClientReads() throws Exception {
        RawClient client = upgrade();
        int size = 16 << 20;
        Outcome outcome = new Outcome();
        assertThat(write(BlockingMode.SEMI_BLOCK, outcome, ByteBuffer.allocate(size)))
                .isEqualTo(CompletionState.PENDING);
        Outcome read = new Outcome();
        read(BlockingMode.NON_BLOCK, read, ByteBuffer.allocate(1));
        client.send("x");
        assertThat(Bounded.value(read.result)).as("reading goes on").isEqualTo(1);
        client.in().skipNBytes(size);
        assertThat(Bounded.value(outcome.result)).isEqualTo(size);
    }

    @Test
    void aBlockingWriteOfMuchReturnsWhenItIsTaken() throws Exception {
        RawClient client = upgrade();
        int size = 16 << 20;
        Outcome outcome = new Outcome();
        CompletableFuture<CompletionState> state =
                Bounded.background(
                        () -> write(BlockingMode.BLOCK, outcome, ByteBuffer.allocate(size)));
        client.in().skipNBytes(size);
        assertThat(Bounded.value(state)).isIn(CompletionState.DONE, CompletionState.INLINE);
        assertThat(Bounded.value(outcome.result)).isEqualTo(size);
    }

    @ParameterizedTest
    @EnumSource(names = {"SEMI_BLOCK", "BLOCK"})
    void aWriteThatWaitsTooLongFails(BlockingMode mode) throws Exception {
        upgrade();
        Outcome outcome = new Outcome();
        CompletableFuture<CompletionState> state =
                Bounded.background(
                        () ->
                                wrapper()
                                        .write(
                                                mode,
                                                100,
                                                TimeUnit.MILLISECONDS,
                                                null,
                                                SocketWrapperBase.COMPLETE_WRITE_WITH_COMPLETION,
                                                outcome,
                                                ByteBuffer.allocate(64 << 20)));
        assertThat(outcome.failure()).isInstanceOf(SocketTimeoutException.class);
        assertThat(Bounded.value(state))
                .isIn(CompletionState.ERROR, CompletionState.PENDING, CompletionState.DONE);
    }

    // ---- whether the handler is called

    /** Of what is there already, {@code READ_DATA} takes what there is and calls nobody. */
    @Test
    void aReadOfWhatIsThereIsDoneInlineWithoutItsHandler() throws Exception {
        RawClient client = upgrade();
        client.send("here");
        ByteBuffer first = ByteBuffer.allocate(1);
        Outcome waited = new Outcome();
        read(BlockingMode.NON_BLOCK, waited, first);
        assertThat(Bounded.value(waited.result)).isEqualTo(1);
        ByteBuffer to = ByteBuffer.allocate(100);
        Outcome outcome = new Outcome();
        assertThat(read(BlockingMode.NON_BLOCK, SocketWrapperBase.READ_DATA, outcome, to))
                .isEqualTo(CompletionState.INLINE);
        assertThat(text(to)).isEqualTo("ere");
        assertThat(outcome.result).isNotDone();
    }

    @Test
    void aReadThatWaitsCallsItsHandlerWithTheFirstBytes() throws Exception {
        RawClient client = upgrade();
        ByteBuffer to = ByteBuffer.allocate(100);
        Outcome outcome = new Outcome();
        assertThat(read(BlockingMode.NON_BLOCK, SocketWrapperBase.READ_DATA, outcome, to))
                .isEqualTo(CompletionState.PENDING);
        client.send("late");
        assertThat(Bounded.value(outcome.result)).isEqualTo(4);
        assertThat(text(to)).isEqualTo("late");
    }

    @Test
    void aWriteWithRoomIsDoneInlineWithoutItsHandlerUnlessItIsAsked() throws Exception {
        RawClient client = upgrade();
        Outcome quiet = new Outcome();
        assertThat(
                        write(
                                BlockingMode.SEMI_BLOCK,
                                SocketWrapperBase.COMPLETE_WRITE,
                                quiet,
                                bytes("quiet ")))
                .isEqualTo(CompletionState.INLINE);
        Outcome told = new Outcome();
        write(BlockingMode.CLASSIC, told, bytes("told "));
        assertThat(Bounded.value(told.result)).isEqualTo(5);
        Outcome unchecked = new Outcome();
        write(BlockingMode.CLASSIC, null, unchecked, bytes("unchecked"));
        assertThat(Bounded.value(unchecked.result)).isEqualTo(9);
        assertThat(quiet.result).isNotDone();
        assertThat(client.in().readNBytes(20))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("quiet told unchecked");
    }

    @Test
    void nothingIsReadOrWrittenAfterTheEnd() throws Exception {
        upgrade();
        wrapper().close();
        Outcome read = new Outcome();
        read(BlockingMode.NON_BLOCK, read, ByteBuffer.allocate(1));
        assertThat(read.failure()).isInstanceOf(IOException.class);
        Outcome written = new Outcome();
        write(BlockingMode.BLOCK, written, bytes("x"));
        assertThat(written.failure()).isInstanceOf(IOException.class);
    }

    // ---- handlers that a servlet names

    /** Sends back what comes, until the end. */
    public static final class Echo implements InternalHttpUpgradeHandler {

        private SocketWrapperBase<?> connection;

        @Override
        public void init(WebConnection ignored) {
            read();
        }

        private void read() {
            ByteBuffer to = ByteBuffer.allocate(1024);
            CompletionState state =
                    connection.read(
                            BlockingMode.CLASSIC,
                            SECONDS,
                            TimeUnit.SECONDS,
                            to,
                            SocketWrapperBase.READ_DATA,
                            new CompletionHandler<Long, ByteBuffer>() {
                                @Override
                                public void completed(Long bytes, ByteBuffer read) {
                                    sendBack(read);
                                }

                                @Override
                                public void failed(Throwable why, ByteBuffer read) {
                                    connection.close();
                                }
                            },
                            to);
            if (state == CompletionState.INLINE) {
                sendBack(to);
            }
        }

        private void sendBack(ByteBuffer read) {
            connection.write(
                    BlockingMode.BLOCK,
                    SECONDS,
                    TimeUnit.SECONDS,
                    null,
                    SocketWrapperBase.COMPLETE_WRITE,
                    new Outcome(),
                    read.flip());
            read();
        }

        @Override
        public SocketState upgradeDispatch(SocketEvent event) {
            return switch (event) {
                case OPEN_READ, OPEN_WRITE -> SocketState.UPGRADED;
                case STOP, DISCONNECT, ERROR, TIMEOUT, CONNECT_FAIL -> SocketState.CLOSED;
            };
        }

        @Override
        public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
            connection = wrapper;
        }

        @Override
        public void setSslSupport(SSLSupport support) {
            // It asks for nothing of it.
        }

        @Override
        public void pause() {
            // It goes on.
        }

        @Override
        public void timeoutAsync(long now) {
            // It has no time of its own.
        }

        @Override
        public void destroy() {
            // It holds nothing.
        }
    }

    /** It does not say that it has asynchronous I/O, and need not. */
    @Test
    void aServletsHandlerReadsAndWritesByCompletionHandlers() throws Exception {
        TestServer server =
                server().property("useAsyncIO", true)
                        .handle("/echo", (request, _) -> request.upgrade(Echo.class))
                        .start();
        RawClient client = server.connect().get("/echo", "Connection: Upgrade", "Upgrade: echo");
        assertThat(client.receiveHead().status()).isEqualTo(101);
        for (int i = 0; i < 3; i++) {
            client.send("This comes back.");
            assertThat(new String(client.in().readNBytes(16), StandardCharsets.US_ASCII))
                    .isEqualTo("This comes back.");
        }
        client.close();
    }
}
