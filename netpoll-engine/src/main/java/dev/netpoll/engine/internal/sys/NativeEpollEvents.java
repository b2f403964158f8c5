// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * epoll_wait(2)'s record array, with its own errno and time-out so that a poll needs no scratch.
 * Confined to the polling thread.
 */
final class NativeEpollEvents implements EpollEvents {

    /** The kernel packs struct epoll_event on x86-64, and only there. */
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

    static final long RECORD_BYTES = PACKED ? 12 : 16;
    private static final long DATA_AT = PACKED ? 4 : 8;
    private static final ValueLayout.OfInt MASK = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;

    final int capacity;
    final MemorySegment records;
    final MemorySegment errno;
    private final MemorySegment timeout;

    NativeEpollEvents(int capacity) {
        Arena arena = Arena.ofAuto();
        this.capacity = capacity;
        this.records = arena.allocate(RECORD_BYTES * capacity, 8);
        this.errno = arena.allocate(Libc.CAPTURE_LAYOUT);
        this.timeout = arena.allocate(16, 8);
    }

    static void write(MemorySegment to, long at, int mask, long data) {
        to.set(MASK, at, mask);
        to.set(DATA, at + DATA_AT, data);
    }

    MemorySegment timeout(long seconds, long nanos) {
        timeout.set(JAVA_LONG, 0, seconds);
        timeout.set(JAVA_LONG, 8, nanos);
        return timeout;
    }

    @Override
    public long data(int index) {
        return records.get(DATA, index * RECORD_BYTES + DATA_AT);
    }

    @Override
    public int mask(int index) {
        return records.get(MASK, index * RECORD_BYTES);
    }
}
