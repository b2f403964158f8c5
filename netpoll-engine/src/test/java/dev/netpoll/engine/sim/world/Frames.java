// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.nio.ByteBuffer;

/**
 * The protocol of the simulated service. A request: client, number and size of the answer, two bytes each,
 * and a body of {@code size % BODY} bytes. Its answer: the same head, and {@code size} bytes that nothing
 * else has at this place.
 */
final class Frames {

    static final int HEAD = 6;
    private static final int BODY = 11;

    private Frames() {}

    static byte[] request(int client, int number, int size) {
        ByteBuffer to = ByteBuffer.allocate(HEAD + size % BODY);
        head(to, client, number, size);
        while (to.hasRemaining()) {
            to.put((byte) to.position());
        }
        return to.array();
    }

    static byte[] answer(int client, int number, int size) {
        ByteBuffer to = ByteBuffer.allocate(HEAD + size);
        head(to, client, number, size);
        while (to.hasRemaining()) {
            to.put((byte) (client * 31 + number * 17 + to.position()));
        }
        return to.array();
    }

    private static void head(ByteBuffer to, int client, int number, int size) {
        to.putShort((short) client).putShort((short) number).putShort((short) size);
    }

    /** The length of the request that begins at {@code at}, or -1 while its head is not there yet. */
    static int requestLength(ByteBuffer from, int at, int end) {
        return end - at < HEAD ? -1 : HEAD + (from.getShort(at + 4) & 0xffff) % BODY;
    }

    /** The answer to the request that begins at {@code at}. */
    static byte[] answerTo(ByteBuffer request, int at) {
        return answer(
                request.getShort(at) & 0xffff,
                request.getShort(at + 2) & 0xffff,
                request.getShort(at + 4) & 0xffff);
    }
}
