// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/**
 * HTTP processors that serve no connection: a stack for each loop, in place of Tomcat's one for all, whose monitor is
 * what requests on different loops would meet at. A virtual thread that finds a monitor taken goes on only after a
 * thread of the JDK's has had a processor and its loop has come to it; where all processors are busy that takes
 * milliseconds, and those who wait go on one after another (decision 28).
 *
 * <pre>
 * kept   → taken     {@link #take}: a connection's thread, before Tomcat's handler would look for one
 * taken  → serving   by that handler
 * serving → kept     {@link #keep}: the thread that has recycled it, when that handler lets go of it
 * kept   → gone      {@link #clear}
 * </pre>
 *
 * <p>Not used where the {@code processorCache} attribute sets a limit. Any thread; nobody waits.
 */
final class ProcessorCache {

    /** Stacks; loops beyond share them. A power of two. */
    private static final int STACKS = 16;

    /** So that no two tops are in one line of a processor's cache. */
    private static final int APART = 16;

    private record Kept(NetpollHttp11Processor processor, @Nullable Kept below) {}

    /** Each the top of a stack. Atomic. */
    private final AtomicReferenceArray<@Nullable Kept> tops =
            new AtomicReferenceArray<>(STACKS * APART);

    private final BooleanSupplier unbounded;

    ProcessorCache(BooleanSupplier unbounded) {
        this.unbounded = unbounded;
    }

    boolean isUsed() {
        return unbounded.getAsBoolean();
    }

    /** One that served on {@code loop}, or else on another; null when there is none. */
    @Nullable NetpollHttp11Processor take(int loop) {
        for (int i = 0; i < STACKS; i++) {
            NetpollHttp11Processor taken = pop(top(loop + i));
            if (taken != null) {
                taken.taken();
                return taken;
            }
        }
        return null;
    }

    /** {@code recycled} has served on {@code loop}. Without memory it is dropped. */
    void keep(NetpollHttp11Processor recycled, int loop) {
        int top = top(loop);
        try {
            Kept below;
            do {
                below = tops.get(top);
            } while (!tops.compareAndSet(top, below, new Kept(recycled, below)));
        } catch (OutOfMemoryError e) {
            recycled.unregister();
        }
    }

    /** Lets go of all. */
    void clear() {
        for (int i = 0; i < STACKS; i++) {
            NetpollHttp11Processor kept;
            while ((kept = pop(top(i))) != null) {
                kept.unregister();
            }
        }
    }

    private static int top(int loop) {
        return (loop & (STACKS - 1)) * APART;
    }

    private @Nullable NetpollHttp11Processor pop(int top) {
        Kept kept;
        do {
            kept = tops.get(top);
            if (kept == null) {
                return null;
            }
        } while (!tops.compareAndSet(top, kept, kept.below));
        return kept.processor;
    }
}
