// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/** Asks the kernel for options of this process's sockets: getsockopt(2). */
final class KernelOptions {

    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int MOST_DESCRIPTORS = 2_000;

    private static final MethodHandle GETSOCKOPT =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("getsockopt"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS));

    private KernelOptions() {}

    /** The first ints of its value; empty where there is none. */
    static int[] of(int fd, int level, int name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 8);
            int r = (int) GETSOCKOPT.invokeExact(fd, level, name, value, length);
            int ints = r < 0 ? 0 : length.get(ValueLayout.JAVA_INT, 0) / Integer.BYTES;
            return Arrays.copyOf(value.toArray(ValueLayout.JAVA_INT), ints);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    /** The descriptor of the listener, where there is one. */
    static int listener() {
        int found = -1;
        for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
            int[] listens = of(fd, SOL_SOCKET, SO_ACCEPTCONN);
            if (listens.length == 1 && listens[0] == 1) {
                if (found >= 0) {
                    throw new AssertionError("Descriptors " + found + " and " + fd + " listen");
                }
                found = fd;
            }
        }
        return found;
    }
}
