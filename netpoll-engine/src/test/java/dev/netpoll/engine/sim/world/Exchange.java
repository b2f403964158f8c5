// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.io.ByteArrayOutputStream;

/** What a client sends on one connection, and how far the answers have come, byte by byte. */
final class Exchange {

    private final Scheduler scheduler;
    private final int client;
    private final int requests;
    private final byte[] sent;
    private final byte[] expected;
    private int received;

    Exchange(Scheduler scheduler, int client) {
        this.scheduler = scheduler;
        this.client = client;
        Dice dice = scheduler.dice;
        this.requests = 1 + dice.below(5);
        var asked = new ByteArrayOutputStream();
        var answers = new ByteArrayOutputStream();
        for (int i = 0; i < requests; i++) {
            int size = dice.oneIn(4) ? dice.below(600) : dice.below(24);
            asked.writeBytes(Frames.request(client, i, size));
            answers.writeBytes(Frames.answer(client, i, size));
        }
        sent = asked.toByteArray();
        expected = answers.toByteArray();
    }

    byte[] toSend() {
        return sent;
    }

    /** Some bytes of answers have come: the very next ones, or something is wrong. */
    void received(byte[] bytes, int n) {
        for (int i = 0; i < n; i++) {
            if (received == expected.length) {
                scheduler.violate("Client " + client + " is told more than it asked");
                return;
            }
            if (bytes[i] != expected[received]) {
                scheduler.violate(
                        "Client "
                                + client
                                + " reads a byte that is not its own, at "
                                + received
                                + " of "
                                + expected.length);
            }
            received++;
        }
    }

    boolean isComplete() {
        return received == expected.length;
    }

    @Override
    public String toString() {
        return "client "
                + client
                + ", "
                + received
                + " of "
                + expected.length
                + " bytes of "
                + requests
                + " answers";
    }
}
