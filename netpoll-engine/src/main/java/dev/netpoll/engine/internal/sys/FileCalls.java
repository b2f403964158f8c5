// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import java.lang.foreign.MemorySegment;

/**
 * The system calls that name a file. Each uses the given scratch until it returns; they answer as
 * {@link Kernel} says.
 */
final class FileCalls {

    private static final int O_RDONLY_CLOEXEC = 0x80000;

    private FileCalls() {}

    static int open(Scratch s, String path) {
        try {
            MemorySegment name = s.io;
            name.setString(0, path);
            int r = (int) Libc.OPEN.invokeExact(s.errno, name, O_RDONLY_CLOEXEC);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }

    static int unlink(Scratch s, String path) {
        try {
            MemorySegment name = s.io;
            name.setString(0, path);
            int r = (int) Libc.UNLINK.invokeExact(s.errno, name);
            return s.result(r);
        } catch (Throwable t) {
            throw Libc.broken(t);
        }
    }
}
