// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.io.Serial;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Continuations of which the latest comes first, and now and then the oldest. A stack after Treiber whose entries are
 * taken by whoever empties them first: by the top, or by a walk down to the last that is not empty.
 *
 * <p>Only {@link #add} allocates, before it changes anything, and nothing is linked late. A {@code ConcurrentLinkedDeque}
 * was here before: it takes its item and then unlinks the node, by code that the JVM may not have linked yet, and where
 * memory lacked for that the item was lost.
 *
 * <p>Safe from any thread.
 */
final class LatestFirst {

    /** An entry; empty once it is taken. */
    private static final class Entry extends AtomicReference<@Nullable Runnable> {

        @Serial private static final long serialVersionUID = 1;

        /** Null, too, where all that came before has been taken. */
        private transient volatile @Nullable Entry before;

        Entry(Runnable continuation) {
            super(continuation);
        }

        @Nullable Runnable take() {
            return getAndSet(null);
        }
    }

    private final AtomicReference<@Nullable Entry> top = new AtomicReference<>();

    void add(Runnable continuation) {
        Entry entry = new Entry(continuation);
        Entry below;
        do {
            below = top.get();
            entry.before = below;
        } while (!top.compareAndSet(below, entry));
    }

    @Nullable Runnable pollLatest() {
        for (Entry entry = top.get(); entry != null; entry = top.get()) {
            if (top.compareAndSet(entry, entry.before)) {
                Runnable continuation = entry.take();
                if (continuation != null) {
                    return continuation;
                }
            }
        }
        return null;
    }

    /** Walks them. */
    @Nullable Runnable pollOldest() {
        for (Entry oldest = oldest(); oldest != null; oldest = oldest()) {
            oldest.before = null; // those have been taken, which is for good
            Runnable continuation = oldest.take();
            if (continuation != null) {
                return continuation;
            }
        }
        return null;
    }

    private @Nullable Entry oldest() {
        Entry oldest = null;
        for (Entry entry = top.get(); entry != null; entry = entry.before) {
            if (entry.get() != null) {
                oldest = entry;
            }
        }
        return oldest;
    }

    boolean isEmpty() {
        for (Entry entry = top.get(); entry != null; entry = entry.before) {
            if (entry.get() != null) {
                return false;
            }
        }
        return true;
    }

    /** Walks them. */
    int size() {
        int size = 0;
        for (Entry entry = top.get(); entry != null; entry = entry.before) {
            if (entry.get() != null) {
                size++;
            }
        }
        return size;
    }
}
