// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.PollResult;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The ways in which an answer is written. Runs on the conversation's virtual thread. */
final class Writer {

    private final Dice dice;

    Writer(Dice dice) {
        this.dice = dice;
    }

    void write(NetpollConnection connection, ByteBuffer answer) throws IOException {
        switch (dice.below(4)) {
            case 0 -> connection.write(answer);
            case 1 -> gathered(connection, answer);
            case 2 -> {
                while (connection.tryWrite(answer) >= 0 && answer.hasRemaining()) {
                    if (connection.awaitWritable() != PollResult.READY) {
                        connection.write(answer); // which fails with what ended the wait
                    }
                }
            }
            default -> atBatchEnd(connection, answer);
        }
    }

    private void gathered(NetpollConnection connection, ByteBuffer answer) throws IOException {
        int cut = dice.below(answer.remaining());
        connection.write(answer.slice(0, cut), answer.slice(cut, answer.remaining() - cut));
    }

    /** Sent by the carrier together with what others have to send; what it could not, by this thread. */
    private static void atBatchEnd(NetpollConnection connection, ByteBuffer answer)
            throws IOException {
        var sent = new Sent(SimThreads.currentThread());
        if (NetpollConnection.atBatchEnd(() -> sent.send(connection, answer))) {
            sent.await();
        }
        connection.write(answer);
    }

    private static final class Sent {

        private final Thread waiter;
        private boolean over;
        private @Nullable IOException failure;

        private Sent(Thread waiter) {
            this.waiter = waiter;
        }

        private void send(NetpollConnection connection, ByteBuffer answer) {
            try {
                connection.tryWrite(answer);
            } catch (IOException e) {
                failure = e;
            }
            over = true;
            SimThreads.unpark(waiter);
        }

        private void await() throws IOException {
            boolean interrupted = false;
            while (!over) {
                SimThreads.park(this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
