// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.testsupport.Bounded;

import java.util.concurrent.CountDownLatch;

/** A continuation that keeps its carrier until it is told to end. */
final class BlockingSlice implements Runnable {

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    /** Puts a new one on the loop and comes back when it runs. */
    static BlockingSlice on(EventLoop loop) {
        var slice = new BlockingSlice();
        loop.execute(slice);
        slice.awaitBegun();
        return slice;
    }

    void awaitBegun() {
        Bounded.await(begun);
    }

    void end() {
        end.countDown();
    }

    @Override
    public void run() {
        begun.countDown();
        Bounded.await(end);
    }
}
