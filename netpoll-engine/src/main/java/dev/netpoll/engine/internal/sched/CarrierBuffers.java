// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.nio.ByteBuffer;

/**
 * Buffers for bytes about to be written, kept by the carrier that used them last, so that they are
 * warm and need no lock.
 *
 * <p>A virtual thread may borrow on one carrier and give back on another: then the buffer moves.
 * Between looking up its carrier and touching that carrier's deque it does not park, so it cannot
 * move itself.
 */
public final class CarrierBuffers {

    public static final int BYTES = 16 * 1024;

    /** More are left to the collector: a burst of slow peers must not be held for ever. */
    private static final int KEPT_PER_CARRIER = 64;

    private CarrierBuffers() {}

    public static ByteBuffer borrow() {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier) {
            ByteBuffer kept = carrier.buffers.pollLast();
            if (kept != null) {
                return kept;
            }
        }
        return ByteBuffer.allocate(BYTES);
    }

    public static void giveBack(ByteBuffer buffer) {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.buffers.size() < KEPT_PER_CARRIER) {
            carrier.buffers.addLast(buffer.clear());
        }
    }
}
