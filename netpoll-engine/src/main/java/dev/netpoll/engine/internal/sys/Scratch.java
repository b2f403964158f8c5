// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Native memory one thread uses for the length of one system call: where errno lands, address and
 * option values, and a buffer that heap bytes pass through.
 *
 * <p>Its user must not park between filling and calling. On an event loop there is one for each
 * carrier, so a virtual thread pays nothing for it; elsewhere it is borrowed from a {@link
 * ScratchSource}.
 */
public final class Scratch {

    // Offsets into the area. Address and its length sit apart from option values and vectors.
    static final int ADDRESS_AT = 0;
    static final int LENGTH_AT = 128;
    static final int VALUE_AT = 136;
    static final int MSGHDR_AT = 160;
    static final int IOVEC_AT = 224;

    private static final int AREA_BYTES = 1024;

    final MemorySegment errno;
    final MemorySegment area;
    final MemorySegment io;

    /** Whether it came from a pool and goes back there. */
    final boolean pooled;

    public Scratch() {
        this(false);
    }

    Scratch(boolean pooled) {
        this.pooled = pooled;
        Arena arena = Arena.ofAuto();
        errno = arena.allocate(Libc.CAPTURE_LAYOUT);
        area = arena.allocate(AREA_BYTES, 16);
        io = arena.allocate(Kernel.MAX_TRANSFER, 64);
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
