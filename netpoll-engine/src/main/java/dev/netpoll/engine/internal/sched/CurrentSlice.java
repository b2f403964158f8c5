// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

/** The slice of the calling virtual thread, where a loop carries it; does nothing for other threads. */
public final class CurrentSlice {

    private CurrentSlice() {}

    /**
     * Has {@code task} run by a carrier at the end of its loop's batch: once the loop has run what is
     * queued, or after 200 µs and the slice that is running then, and before it looks at its sockets
     * again. It must not block, and not throw.
     *
     * @return false, and nothing happens, where no loop carries the calling virtual thread, or its
     *     slices are too long for others to wait for
     */
    public static boolean atBatchEnd(Runnable task) {
        return LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.loop().runAtBatchEnd(task);
    }

    /** The calling virtual thread has asked a peer, and is about to wait for the answer. */
    public static void asks() {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier) {
            carrier.asks();
        }
    }

    /**
     * Starts a thread on {@code loop} for what is new there: it comes in its turn, as if a socket had brought it, and not
     * next, as what the calling thread goes on with.
     */
    public static Thread begin(EventLoop loop, String name, Runnable task) {
        return LoopThreads.currentCarrier() instanceof Carrier carrier
                ? carrier.begin(loop, name, task)
                : loop.start(name, task);
    }

    /** Lets what waits for the loop go first, where the slice has become long. */
    public static void yieldIfLong() {
        if (LoopThreads.currentCarrier() instanceof Carrier carrier
                && carrier.isSliceLong(carrier.loop().now())) {
            Thread.yield();
        }
    }
}
