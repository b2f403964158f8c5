// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.SimulatedEngine;
import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.io.PollResult;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/**
 * The server's side of one connection: reads requests, answers them in their order, and holds no thread
 * between them. Runs on one virtual thread at a time.
 */
final class Conversation implements Dispatch {

    private static final int BUFFER = 512;

    private final Service service;
    private final Scheduler scheduler;
    private final Dice dice;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    final NetpollConnection connection;
    final PollDesc desc;
    final @Nullable SimSocket socket;
    final Ledger reading;
    final Ledger writing;

    /** What the engine calls when the peer closes, and how often it did. */
    final Dispatch peerWatch = this::peerClosed;

    int peerWatched;
    boolean watching;

    /** Whether it parks between requests, where the others arm a dispatch. */
    private final boolean holdsThread;

    /** What an answer in the handler's place failed with. */
    private @Nullable IOException answeredBadly;

    private boolean running;
    private @Nullable Thread thread;
    private int parsed;

    Conversation(Service service, NetpollConnection connection) {
        this.service = service;
        this.scheduler = service.scheduler;
        this.dice = scheduler.dice;
        this.connection = connection;
        this.holdsThread = dice.oneIn(3);
        this.desc = SimulatedEngine.desc(connection);
        this.socket = service.kernel.socketOf(connection.fd());
        this.reading = new Ledger(scheduler, connection, desc, Mode.READ);
        this.writing = new Ledger(scheduler, connection, desc, Mode.WRITE);
    }

    /** The thread that serves it, for who would interrupt it. */
    @Nullable Thread thread() {
        return thread;
    }

    void begin() {
        if (dice.oneIn(2)) {
            watching = true;
            connection.whenPeerCloses(peerWatch);
        }
        reading.set(scheduler.now() + service.keepAlive);
        if (dice.oneIn(2)) {
            await();
        } else {
            connection.fork("first", this);
        }
    }

    boolean isEngineClosed() {
        return service.isClosing();
    }

    private void peerClosed() {
        peerWatched++;
        if (!connection.peerClosed()) {
            scheduler.violate("The peer watch of " + connection + " runs, and no peer has closed");
        }
    }

    @Override
    public void run() {
        if (running) {
            scheduler.violate("Two threads serve " + connection);
        }
        running = true;
        thread = SimThreads.currentThread();
        try {
            serve(connection.readable());
        } catch (SocketTimeoutException e) {
            finish();
        } catch (InterruptedIOException e) {
            mustBeInterrupted();
            finish();
        } catch (ClosingException e) {
            mustBeClosed(e);
            finish();
        } catch (KernelException e) {
            finish();
        } catch (IOException | RuntimeException | Error e) {
            scheduler.violate("Serving " + connection + " failed", e);
        }
    }

    /** Whether its thread is at it, on a carrier. */
    boolean isServedNow() {
        Thread serving = thread;
        Actor actor = serving == null ? null : scheduler.actorOf(serving);
        return actor != null && actor.state == Actor.State.RUNNABLE;
    }

    private void mustBeInterrupted() {
        if (!Thread.interrupted()) {
            scheduler.violate("Nobody interrupted " + connection);
        }
    }

    private void mustBeClosed(IOException e) {
        if (!connection.isClosed() && !service.isClosing()) {
            scheduler.violate("Nobody closed " + connection, e);
        }
    }

    /** What came before the deadline is served, however late the loop and this thread are. */
    private void mustBeLate() {
        if (service.isPunctual()
                && socket != null
                && reading.isAfter(socket.readableSince())
                && !service.isClosing()) {
            scheduler.violate(
                    "Too late for " + connection + ", whose bytes came before its deadline");
        }
    }

    private void finish() {
        thread = null;
        running = false;
        connection.close();
        service.ended(this);
    }

    private void serve(PollResult startedBy) throws IOException {
        if (startedBy != PollResult.READY) {
            if (startedBy == PollResult.CLOSING) {
                mustBeClosed(new IOException("CLOSING"));
            } else {
                mustBeLate();
            }
            finish();
            return;
        }
        reading.renew(scheduler.now() + service.patience);
        while (true) {
            int n = readThroughInterrupts();
            if (n < 0) {
                finish();
                return;
            }
            boolean whole = answerWhatIsThere();
            if (n == 0 && whole) {
                reading.renew(scheduler.now() + service.keepAlive);
                thread = null;
                running = false;
                await();
                return;
            }
        }
    }

    /** An interrupt ends a wait and nothing else. */
    private int readThroughInterrupts() throws IOException {
        while (true) {
            try {
                return read();
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (InterruptedIOException e) {
                mustBeInterrupted();
            }
        }
    }

    /** Some bytes, waiting for them in the midst of a request; 0 when there are none now. */
    private int read() throws IOException {
        if (buffer.position() == 0 && !holdsThread) {
            return connection.tryRead(buffer);
        }
        int n = dice.oneIn(3) ? connection.tryRead(buffer) : connection.read(buffer);
        if (n == 0 && connection.awaitReadable() == PollResult.READY) {
            return connection.readReady(buffer);
        }
        return n != 0 ? n : connection.read(buffer); // fails with what else ended the wait
    }

    private void await() {
        Thread.interrupted();
        if (!connection.whenReadable(this)) {
            scheduler.violate("A thread waits to read from " + connection + ", and none should");
        }
    }

    private void answer(byte[] answer) throws IOException {
        writing.set(scheduler.now() + service.patience);
        service.writer.write(connection, ByteBuffer.wrap(answer));
        service.answered++;
    }

    /** The server's own answer to a request whose handler is late. Runs on a thread of its own. */
    private void answerInPlace(Turn turn, byte[] answer) {
        SimThreads.sleep(dice.between(1, 40_000));
        if (turn.claim()) {
            try {
                answer(answer);
            } catch (IOException e) {
                answeredBadly = e;
            } catch (RuntimeException | Error e) {
                scheduler.violate("The answer in the place of a handler failed", e);
            }
            turn.over();
        }
    }

    private void failIf(@Nullable IOException failure) throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    /** Answers every whole request in the buffer; true when nothing is left of another. */
    private boolean answerWhatIsThere() throws IOException {
        int end = buffer.position();
        parsed = 0;
        while (true) {
            int length = Frames.requestLength(buffer, parsed, end);
            if (length < 0 || parsed + length > end) {
                break;
            }
            byte[] answer = Frames.answerTo(buffer, parsed);
            parsed += length;
            Turn turn = new Turn();
            if (dice.oneIn(8)) {
                connection.fork("overdue", () -> answerInPlace(turn, answer));
            }
            service.handle();
            if (turn.claim()) {
                answer(answer);
            } else {
                turn.await();
            }
            failIf(answeredBadly);
        }
        buffer.flip().position(parsed);
        buffer.compact();
        return buffer.position() == 0;
    }
}
