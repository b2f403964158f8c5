// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * A binary heap of timer entries, the earliest on top. Each entry knows its index, so it can be
 * removed from the middle. Not thread-safe: the wheel's lock guards it.
 */
final class DueHeap {

    private @Nullable TimerEntry[] entries = new @Nullable TimerEntry[64];
    private int size;

    @Nullable TimerEntry peek() {
        return entries[0];
    }

    void add(TimerEntry entry) {
        if (size == entries.length) {
            entries = Arrays.copyOf(entries, 2 * size);
        }
        entry.place = TimerEntry.IN_HEAP;
        siftUp(size++, entry);
    }

    void remove(TimerEntry entry) {
        int hole = entry.heapIndex;
        TimerEntry last = entries[--size];
        entries[size] = null;
        entry.place = TimerEntry.NOWHERE;
        if (last != null && last != entry) {
            siftDown(hole, last);
            if (last.heapIndex == hole) {
                siftUp(hole, last);
            }
        }
    }

    private void siftUp(int start, TimerEntry entry) {
        int hole = start;
        while (hole > 0) {
            int above = (hole - 1) >>> 1;
            TimerEntry other = at(above);
            if (other.at <= entry.at) {
                break;
            }
            put(hole, other);
            hole = above;
        }
        put(hole, entry);
    }

    private void siftDown(int start, TimerEntry entry) {
        int hole = start;
        int below = 2 * hole + 1;
        while (below < size) {
            if (below + 1 < size && at(below + 1).at < at(below).at) {
                below++;
            }
            TimerEntry other = at(below);
            if (entry.at <= other.at) {
                break;
            }
            put(hole, other);
            hole = below;
            below = 2 * hole + 1;
        }
        put(hole, entry);
    }

    private TimerEntry at(int index) {
        TimerEntry entry = entries[index];
        if (entry == null) {
            throw new IllegalStateException("Nothing at " + index + " of " + size);
        }
        return entry;
    }

    private void put(int index, TimerEntry entry) {
        entries[index] = entry;
        entry.heapIndex = index;
    }
}
