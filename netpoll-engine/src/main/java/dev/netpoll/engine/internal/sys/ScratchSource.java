// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import java.util.concurrent.ConcurrentLinkedDeque;

/** Lends a thread a {@link Scratch} for the length of one system call. */
public interface ScratchSource {

    /** A scratch for the caller alone until {@link #release}. Never parks. */
    Scratch acquire();

    /** Gives it back. */
    void release(Scratch scratch);

    /** A source for threads that own none: the most recently used one first, made when all are out. */
    static ScratchSource pooled() {
        var free = new ConcurrentLinkedDeque<Scratch>();
        return new ScratchSource() {
            @Override
            public Scratch acquire() {
                Scratch scratch = free.pollFirst();
                return scratch != null ? scratch : new Scratch(true);
            }

            @Override
            public void release(Scratch scratch) {
                if (scratch.pooled) {
                    keep(scratch);
                }
            }

            /** The system call has been made: its caller must not be told that it was not. */
            private void keep(Scratch scratch) {
                try {
                    free.addFirst(scratch);
                } catch (OutOfMemoryError e) {
                    return; // the collector frees it
                }
            }
        };
    }
}
