// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import com.sun.management.UnixOperatingSystemMXBean;

import java.lang.management.ManagementFactory;

/**
 * The process's file descriptors.
 *
 * @param open how many there are
 * @param limit how many there may be; 0 where that is not known
 */
record Descriptors(long open, long limit) {

    private static final double PERCENT = 100;

    static Descriptors now() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? of(unix)
                : new Descriptors(0, 0);
    }

    private static Descriptors of(UnixOperatingSystemMXBean unix) {
        long limit = unix.getMaxFileDescriptorCount();
        try {
            return new Descriptors(unix.getOpenFileDescriptorCount(), limit);
        } catch (InternalError e) {
            // Counting takes a descriptor itself, and there is none left.
            return new Descriptors(limit, limit);
        }
    }

    /** How much of what may be open is, from 0 to 100. */
    double percentUsed() {
        return limit <= 0 ? 0 : PERCENT * open / limit;
    }
}
