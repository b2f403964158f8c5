// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A loop's timers: a 4-ary heap under one lock.
 *
 * <p>Built for deadlines that move often and seldom fire: {@link #arm} only ever brings a timer
 * forward, so a deadline that moves back costs nothing here. The owner finds out when the timer fires
 * too early, and arms it again. Safe from any thread; {@link Timer#fire} runs outside the lock.
 */
public final class TimerQueue {

    private static final int ARITY = 4;
    private static final int INITIAL_CAPACITY = 64;

    /** How much later a timer fires again that could not do its work. */
    private static final long AGAIN_NANOS = 1_000_000;

    private final SpinLock lock = new SpinLock();

    /** Guarded by lock. */
    private @Nullable Timer[] heap = new Timer[INITIAL_CAPACITY];

    /** Written under lock, read by anyone. */
    private volatile int size;

    /** When the first timer fires, or {@link Timer#UNARMED}. Written under lock, read by anyone. */
    private volatile long earliest = Timer.UNARMED;

    /** Told what a timer threw. */
    private final Consumer<? super Throwable> failures;

    /** @param failures is told what a timer throws; must not throw */
    public TimerQueue(Consumer<? super Throwable> failures) {
        this.failures = failures;
    }

    /** When the first timer fires, or {@link Long#MAX_VALUE} for never. */
    public long earliest() {
        return earliest;
    }

    /** How many timers are armed. */
    public int size() {
        return size;
    }

    /**
     * Sees that {@code timer} fires at {@code when} or before.
     *
     * @return whether it became the first to fire, so that a sleeping loop must be told
     */
    public boolean arm(Timer timer, long when) {
        lock.lock();
        try {
            if (timer.index >= 0) {
                if (when >= timer.armedFor) {
                    return false;
                }
                timer.armedFor = when;
                siftUp(timer.index, timer);
            } else {
                timer.armedFor = when;
                insert(timer);
            }
            return updateEarliest() && timer.index == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes {@code timer} out; true when that prevented it from firing. */
    public boolean cancel(Timer timer) {
        lock.lock();
        try {
            if (timer.index < 0) {
                return false;
            }
            remove(timer.index);
            updateEarliest();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Fires every timer due at {@code now}; answers how many. What one of them throws is told, and the others
     * fire. One that was short of memory or stack fires again a little later.
     */
    public int expire(long now) {
        int fired = 0;
        while (earliest <= now) {
            Timer due = pollDue(now);
            if (due == null) {
                break;
            }
            try {
                due.fire(now);
            } catch (Throwable t) {
                failures.accept(t);
                if (t instanceof VirtualMachineError) {
                    armAgain(due, now + AGAIN_NANOS);
                }
            }
            fired++;
        }
        return fired;
    }

    /** The place it has left is there, unless others have filled the heap meanwhile. */
    private void armAgain(Timer timer, long when) {
        while (true) {
            try {
                arm(timer, when);
                return;
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(AGAIN_NANOS);
            }
        }
    }

    /** Takes every timer out, earliest first, and shows it to {@code taker}, outside the lock. */
    public void drain(Consumer<Timer> taker) {
        Timer timer;
        while ((timer = pollDue(Timer.UNARMED)) != null) {
            taker.accept(timer);
        }
    }

    private @Nullable Timer pollDue(long now) {
        lock.lock();
        try {
            if (size == 0 || at(0).armedFor > now) {
                return null;
            }
            Timer due = at(0);
            remove(0);
            updateEarliest();
            return due;
        } finally {
            lock.unlock();
        }
    }

    private boolean updateEarliest() {
        long first = size == 0 ? Timer.UNARMED : at(0).armedFor;
        boolean changed = first != earliest;
        if (changed) {
            earliest = first;
        }
        return changed;
    }

    private void insert(Timer timer) {
        int last = size;
        if (last == heap.length) {
            heap = Arrays.copyOf(heap, last * 2);
        }
        setSize(last + 1);
        siftUp(last, timer);
    }

    private void remove(int at) {
        Timer gone = at(at);
        int last = size - 1;
        Timer moved = at(last);
        heap[last] = null;
        setSize(last);
        if (at != last) {
            siftDown(at, moved);
            if (moved.index == at) {
                siftUp(at, moved);
            }
        }
        gone.index = -1;
        gone.armedFor = Timer.UNARMED;
    }

    private void siftUp(int from, Timer timer) {
        int i = from;
        while (i > 0) {
            int parent = (i - 1) / ARITY;
            Timer above = at(parent);
            if (above.armedFor <= timer.armedFor) {
                break;
            }
            put(i, above);
            i = parent;
        }
        put(i, timer);
    }

    private void siftDown(int from, Timer timer) {
        int i = from;
        while (true) {
            int child = earliestChild(i);
            if (child < 0 || at(child).armedFor >= timer.armedFor) {
                break;
            }
            put(i, at(child));
            i = child;
        }
        put(i, timer);
    }

    private int earliestChild(int parent) {
        int first = parent * ARITY + 1;
        int end = Math.min(first + ARITY, size);
        int best = -1;
        for (int i = first; i < end; i++) {
            if (best < 0 || at(i).armedFor < at(best).armedFor) {
                best = i;
            }
        }
        return best;
    }

    private void put(int i, Timer timer) {
        heap[i] = timer;
        timer.index = i;
    }

    private Timer at(int i) {
        Timer timer = heap[i];
        if (timer == null) {
            throw new IllegalStateException("The timer heap has a hole at " + i + " of " + size);
        }
        return timer;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever written under lock
    private void setSize(int newSize) {
        size = newSize;
    }
}
