// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Native memory one thread uses for the length of one system call: where errno lands, address and
 * option values, and a buffer that heap bytes pass through.
 *
 * <p>Its user must not park between filling and calling. On an event loop there is one for each
 * carrier, so a virtual thread pays nothing for it; elsewhere it is borrowed from a {@link
 * ScratchSource}.
 *
 * <p>A carrier's is freed by {@link #free}, a borrowed one by the collector. The segments are views without a
 * lifetime of their own, since a down-call counts the users of each segment that has one.
 */
public final class Scratch {

    // Offsets into the area. Address and its length sit apart from option values and vectors.
    static final int ADDRESS_AT = 0;
    static final int LENGTH_AT = 128;
    static final int VALUE_AT = 136;
    static final int MSGHDR_AT = 160;
    static final int IOVEC_AT = 224;

    private static final int AREA_BYTES = 1024;

    /** Those made for carriers and not freed yet. */
    private static final AtomicInteger OWNED = new AtomicInteger();

    final MemorySegment errno;
    final MemorySegment area;
    final MemorySegment io;

    /** Whether it came from a pool and goes back there. */
    final boolean pooled;

    /** What the memory belongs to; null when the collector frees it. */
    private final @Nullable Arena owned;

    public Scratch() {
        this(false);
    }

    Scratch(boolean pooled) {
        this.pooled = pooled;
        this.owned = pooled ? null : Arena.ofShared();
        Arena arena = owned != null ? owned : Arena.ofAuto();
        errno = view(arena.allocate(Libc.CAPTURE_LAYOUT));
        area = view(arena.allocate(AREA_BYTES, 16));
        io = view(arena.allocate(Kernel.MAX_TRANSFER, 64));
        if (owned != null) {
            OWNED.incrementAndGet();
        }
    }

    private MemorySegment view(MemorySegment segment) {
        return owned == null
                ? segment
                : MemorySegment.ofAddress(segment.address()).reinterpret(segment.byteSize());
    }

    /** Gives the memory of a carrier's back. No thread may use it any more; a second call does nothing. */
    public void free() {
        if (owned != null && owned.scope().isAlive()) {
            owned.close();
            OWNED.decrementAndGet();
        }
    }

    /** How many there are in this JVM that belong to a carrier. For tests. */
    public static int owned() {
        return OWNED.get();
    }

    /** What a system call that answered {@code r} came to: a result, or the negated errno. */
    int result(int r) {
        return r < 0 ? -errno() : r;
    }

    /** What the last system call that failed left here. */
    int errno() {
        return errno.get(JAVA_INT, 0);
    }
}
