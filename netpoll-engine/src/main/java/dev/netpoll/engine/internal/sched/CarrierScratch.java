// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.sys.Scratch;
import dev.netpoll.engine.internal.sys.ScratchSource;

/** The carrier's own scratch where there is a carrier of ours; a borrowed one elsewhere. */
public final class CarrierScratch implements ScratchSource {

    private final ScratchSource elsewhere = ScratchSource.pooled();

    @Override
    public Scratch acquire() {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier) {
            Scratch own = carrier.scratch;
            if (own != null) {
                return own;
            }
        }
        return elsewhere.acquire();
    }

    @Override
    public void release(Scratch scratch) {
        elsewhere.release(scratch);
    }
}
