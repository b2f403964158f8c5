package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.Bounded;

import java.util.concurrent.CountDownLatch;

/** A continuation that keeps its carrier until it is told to end. */
final class BlockingSlice implements Runnable {

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);

    /** Puts a new one on the loop and comes back when it runs. */
    static BlockingSlice on(EventLoop loop) throws InterruptedException {
        var slice = new BlockingSlice();
        loop.execute(slice);
        slice.awaitBegun();
        return slice;
    }

    void awaitBegun() throws InterruptedException {
        Bounded.await(begun);
    }

    void end() {
        end.countDown();
    }

    @Override
    public void run() {
        begun.countDown();
        try {
            Bounded.await(end);
        } catch (InterruptedException e) {
            throw new AssertionError("Nobody interrupts a carrier", e);
        }
    }
}
