// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.lang.invoke.VarHandle;

/** What mutants do in the place of the engine's guards. */
public final class Wrongs {

    private Wrongs() {}

    /** Looks, and then sets whatever it finds; another thread may come in between. */
    public static boolean set(VarHandle handle, Object owner, Object expected, Object value) {
        boolean looked = handle.getVolatile(owner) == expected;
        SimThreads.loseTime();
        if (looked) {
            handle.setVolatile(owner, value);
        }
        return looked;
    }

    /** Sets and answers yes, whatever there was. */
    public static boolean force(VarHandle handle, Object owner, long expected, long value) {
        handle.setVolatile(owner, value);
        return true;
    }

    /** The same for a long. */
    public static boolean set(VarHandle handle, Object owner, long expected, long value) {
        boolean looked = (long) handle.getVolatile(owner) == expected;
        SimThreads.loseTime();
        if (looked) {
            handle.setVolatile(owner, value);
        }
        return looked;
    }
}
