// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.io.Ticker;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * Poll descriptors by fd number, for all loops of one engine.
 *
 * <p>An event carries fd and tag; it belongs to the descriptor that stands here only if the tag is
 * its own. So an event of a closed fd whose number was given out again finds a stranger and is
 * dropped. Safe from any thread; grows by whole chunks that never move.
 */
public final class PollTable {

    private static final int CHUNK_BITS = 10;
    private static final int CHUNK_SIZE = 1 << CHUNK_BITS;
    private static final int MAX_CHUNKS = 1 << 12;

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable PollDesc>> chunks =
            new AtomicReferenceArray<>(MAX_CHUNKS);

    private final AtomicInteger tags = new AtomicInteger();

    /** Enters a new descriptor for {@code fd}, ready to be registered with its {@link #data}. */
    PollDesc open(PollLoop loop, Ticker ticker, int fd) {
        PollDesc desc = new PollDesc(loop, ticker, fd, tags.incrementAndGet());
        chunk(fd).setRelease(fd & (CHUNK_SIZE - 1), desc);
        return desc;
    }

    /** Takes {@code desc} out; done before its fd is closed and the number can come back. */
    void remove(PollDesc desc) {
        chunk(desc.fd()).compareAndSet(desc.fd() & (CHUNK_SIZE - 1), desc, null);
    }

    /** The 64 bits epoll hands back with each event of {@code desc}. */
    static long data(PollDesc desc) {
        return ((long) desc.tag() << Integer.SIZE) | desc.fd();
    }

    /** The descriptor that an event with {@code data} is for; null when it is closed. */
    @Nullable PollDesc find(long data) {
        int fd = (int) data;
        AtomicReferenceArray<@Nullable PollDesc> chunk = chunks.getAcquire(fd >>> CHUNK_BITS);
        PollDesc desc = chunk == null ? null : chunk.getAcquire(fd & (CHUNK_SIZE - 1));
        return desc != null && desc.tag() == (int) (data >>> Integer.SIZE) ? desc : null;
    }

    /** Makes pending and future I/O on every descriptor fail as closing. */
    public void closeAll() {
        forEach(
                desc -> {
                    try {
                        desc.close();
                    } catch (VirtualMachineError e) {
                        desc.loop().failed(e); // its waiters are awake, and the others are to be
                    }
                });
    }

    /** Shows every descriptor to {@code observer}; those that come or go meanwhile may be missed. */
    public void forEach(Consumer<PollDesc> observer) {
        for (int i = 0; i < MAX_CHUNKS; i++) {
            AtomicReferenceArray<@Nullable PollDesc> chunk = chunks.getAcquire(i);
            for (int j = 0; chunk != null && j < CHUNK_SIZE; j++) {
                PollDesc desc = chunk.getAcquire(j);
                if (desc != null) {
                    observer.accept(desc);
                }
            }
        }
    }

    private AtomicReferenceArray<@Nullable PollDesc> chunk(int fd) {
        int i = fd >>> CHUNK_BITS;
        AtomicReferenceArray<@Nullable PollDesc> chunk = chunks.getAcquire(i);
        if (chunk == null) {
            chunk = new AtomicReferenceArray<>(CHUNK_SIZE);
            var witness = chunks.compareAndExchange(i, null, chunk);
            if (witness != null) {
                chunk = witness;
            }
        }
        return chunk;
    }
}
