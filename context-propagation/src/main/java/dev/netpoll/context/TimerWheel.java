// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;

/**
 * A timing wheel with a bucket for each tick of 8 ms. Most expiries are called off long before
 * their time, so adding and removing one costs two links: an entry waits in the bucket of its 8 ms
 * tick, among those of the same tick of other rounds. Only when its tick begins does it move to a
 * small heap, which knows its exact time.
 *
 * <p>Times are nanoseconds since an origin of the owner's, never negative. Pure data structure, moved
 * by the thread that calls {@link #advance}. Not thread-safe: the owner's lock guards all of it.
 */
final class TimerWheel {

    /** 2^23 ns, 8.4 ms: 120 looks a second at most, however many entries. */
    static final int TICK_SHIFT = 23;

    /** One round is 8.6 s: most requests' deadlines come round a few times at most. */
    static final int BUCKETS = 1024;

    static final long NEVER = Long.MAX_VALUE;

    private final @Nullable TimerEntry[] buckets = new @Nullable TimerEntry[BUCKETS];

    /** One bit per bucket: it has entries. */
    private final long[] occupied = new long[BUCKETS / Long.SIZE];

    private final DueHeap due = new DueHeap();

    /** The first tick that has not begun: entries of earlier ticks are in the heap. */
    private long nextTick;

    private int size;

    /** Takes the entry in and says when {@link #advance} has to be called for it. */
    long add(TimerEntry entry) {
        size++;
        long tick = entry.at >> TICK_SHIFT;
        if (tick < nextTick) {
            due.add(entry);
            return entry.at;
        }
        link(entry, (int) tick & (BUCKETS - 1));
        return tick << TICK_SHIFT;
    }

    /** Lets the entry go; does nothing when it is not here any more. */
    void remove(TimerEntry entry) {
        entry.expiry = null;
        if (entry.place == TimerEntry.NOWHERE) {
            return;
        }
        size--;
        if (entry.place == TimerEntry.IN_HEAP) {
            due.remove(entry);
        } else {
            unlink(entry);
        }
    }

    /** Moves time on: hands out what is due at {@code now}, earliest first. */
    void advance(long now, Consumer<Runnable> expired) {
        begin(now >> TICK_SHIFT);
        for (TimerEntry top = due.peek(); top != null && top.at <= now; top = due.peek()) {
            Runnable expiry = top.expiry;
            remove(top);
            if (expiry != null) {
                expired.accept(expiry);
            }
        }
    }

    /** When {@link #advance} has to be called next, {@link #NEVER} if nothing is waiting. */
    long next() {
        TimerEntry top = due.peek();
        long bucket = nextOccupied();
        return top == null ? bucket : Math.min(top.at, bucket);
    }

    int size() {
        return size;
    }

    private void begin(long tick) {
        long from =
                Math.max(nextTick, tick - BUCKETS + 1); // a longer gap comes round to all buckets
        nextTick = Math.max(nextTick, tick + 1);
        for (long t = from; t <= tick; t++) {
            int bucket = (int) t & (BUCKETS - 1);
            TimerEntry entry = buckets[bucket];
            while (entry != null) {
                TimerEntry after = entry.next;
                if (entry.at >> TICK_SHIFT <= tick) {
                    unlink(entry);
                    due.add(entry);
                }
                entry = after;
            }
        }
    }

    /** When the next tick with a non-empty bucket begins; its entries may be of a later round. */
    private long nextOccupied() {
        int start = (int) nextTick & (BUCKETS - 1);
        for (int word = 0; word <= occupied.length; word++) {
            int index = (start / Long.SIZE + word) % occupied.length;
            long bits = occupied[index];
            if (word == 0) {
                bits &= -1L << start;
            } else if (word == occupied.length) {
                bits &= ~(-1L << start);
            }
            if (bits != 0) {
                int bucket = index * Long.SIZE + Long.numberOfTrailingZeros(bits);
                long tick = nextTick + ((bucket - start) & (BUCKETS - 1));
                return tick << TICK_SHIFT;
            }
        }
        return NEVER;
    }

    private void link(TimerEntry entry, int bucket) {
        TimerEntry head = buckets[bucket];
        entry.place = bucket;
        entry.next = head;
        if (head == null) {
            occupied[bucket / Long.SIZE] |= 1L << bucket;
        } else {
            head.prev = entry;
        }
        buckets[bucket] = entry;
    }

    private void unlink(TimerEntry entry) {
        TimerEntry before = entry.prev;
        TimerEntry after = entry.next;
        if (before != null) {
            before.next = after;
        } else {
            buckets[entry.place] = after;
            if (after == null) {
                occupied[entry.place / Long.SIZE] &= ~(1L << entry.place);
            }
        }
        if (after != null) {
            after.prev = before;
        }
        entry.prev = null;
        entry.next = null;
        entry.place = TimerEntry.NOWHERE;
    }
}
