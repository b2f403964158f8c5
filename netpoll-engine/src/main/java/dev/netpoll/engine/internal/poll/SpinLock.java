// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Mutual exclusion, for a few instructions, between carriers and the virtual threads they carry.
 *
 * <p>Neither {@code synchronized} nor {@link java.util.concurrent.locks.ReentrantLock} will do. Both
 * make a virtual thread that finds them taken leave its carrier and then choose it as the heir; a
 * carrier that comes for the lock next is queued behind that heir, which needs this carrier to run. Seen
 * on JDK 25.0.3: the lock free, the heir runnable, the carrier blocked, for ever. Who waits here keeps
 * its place on its carrier, or gives it up while nothing depends on it.
 *
 * <p>Not reentrant. The holder must not park, block or enter a monitor. Safe from any thread.
 */
final class SpinLock {

    /** After so many looks the holder has probably lost its processor: let it have this one. */
    private static final int LOOKS_PER_YIELD = 64;

    private static final VarHandle HELD;

    static {
        try {
            HELD = MethodHandles.lookup().findVarHandle(SpinLock.class, "held", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Atomic. */
    private volatile boolean held;

    private final Runnable yield;

    SpinLock() {
        this(Thread::yield);
    }

    /** With {@code yield} for what gives the processor to others. */
    SpinLock(Runnable yield) {
        this.yield = yield;
    }

    /** Needs no memory: what it guards may be a descriptor's end. */
    void lock() {
        int looks = 0;
        while (held || !HELD.compareAndSet(this, false, true)) {
            if (++looks % LOOKS_PER_YIELD == 0) {
                giveWay();
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private void giveWay() {
        try {
            yield.run();
        } catch (OutOfMemoryError e) {
            Thread.onSpinWait(); // a virtual thread leaves its carrier by memory alone
        }
    }

    void unlock() {
        HELD.setRelease(this, false);
    }
}
