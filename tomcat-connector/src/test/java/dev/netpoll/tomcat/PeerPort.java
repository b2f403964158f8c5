// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Asks the kernel whom a socket of this process is connected to: getpeername(2). */
final class PeerPort {

    private static final MethodHandle GETPEERNAME =
            Linker.nativeLinker()
                    .downcallHandle(
                            Linker.nativeLinker().defaultLookup().findOrThrow("getpeername"),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.ADDRESS,
                                    ValueLayout.ADDRESS));

    private PeerPort() {}

    /** The port; -1 for none. */
    static int of(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(128, 8);
            MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 128);
            int r = (int) GETPEERNAME.invokeExact(fd, address, length);
            return r < 0
                    ? -1
                    : (address.get(ValueLayout.JAVA_BYTE, 2) & 0xFF) << 8
                            | address.get(ValueLayout.JAVA_BYTE, 3) & 0xFF;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
