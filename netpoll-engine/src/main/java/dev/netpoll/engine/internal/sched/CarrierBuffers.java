// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Buffers for bytes about to be written, and for TLS records, kept by the carrier that used them last, so
 * that they are warm and need no lock.
 *
 * <p>A virtual thread may borrow on one carrier and give back on another: then the buffer moves.
 * Between looking up its carrier and touching that carrier's deque it does not park, so it cannot
 * move itself.
 */
public final class CarrierBuffers {

    public static final int BYTES = 16 * 1024;

    /** Room for a record that carries {@link #BYTES}: JSSE asks for 16,709 bytes before it makes one. */
    public static final int RECORD_BYTES = BYTES + 512;

    /** More of either are left to the collector: a burst of slow peers must not be held for ever. */
    private static final int KEPT_PER_CARRIER = 64;

    private CarrierBuffers() {}

    public static ByteBuffer borrow() {
        return borrow(BYTES);
    }

    public static ByteBuffer borrowRecord() {
        return borrow(RECORD_BYTES);
    }

    private static ByteBuffer borrow(int bytes) {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier) {
            ByteBuffer kept = kept(carrier, bytes).pollLast();
            if (kept != null) {
                return kept;
            }
        }
        return ByteBuffer.allocate(bytes);
    }

    /** One of another size is left to the collector. */
    public static void giveBack(ByteBuffer buffer) {
        int bytes = buffer.capacity();
        if ((bytes == BYTES || bytes == RECORD_BYTES)
                && LoopThreads.currentCarrier() instanceof Carrier carrier
                && kept(carrier, bytes).size() < KEPT_PER_CARRIER) {
            kept(carrier, bytes).addLast(buffer.clear());
        }
    }

    private static ArrayDeque<ByteBuffer> kept(Carrier carrier, int bytes) {
        return bytes == RECORD_BYTES ? carrier.records : carrier.buffers;
    }
}
