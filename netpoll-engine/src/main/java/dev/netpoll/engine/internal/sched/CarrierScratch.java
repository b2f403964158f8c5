// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.sys.Scratch;
import dev.netpoll.engine.internal.sys.ScratchSource;

/** The carrier's own scratch where there is a carrier of ours; a borrowed one elsewhere. */
public final class CarrierScratch implements ScratchSource {

    private final ScratchSource elsewhere = ScratchSource.pooled();

    @Override
    public Scratch acquire() {
        return LoopThreads.currentCarrier() instanceof Carrier carrier
                ? carrier.scratch
                : elsewhere.acquire();
    }

    @Override
    public void release(Scratch scratch) {
        elsewhere.release(scratch);
    }
}
