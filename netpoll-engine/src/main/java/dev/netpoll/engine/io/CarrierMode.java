// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

/** The kind of threads that run the virtual threads the engine starts. */
public enum CarrierMode {
    /** The loops where the JVM allows it, else the JDK's scheduler. */
    AUTO,
    /** The loops, or the engine does not start. */
    LOOP,
    /** The JDK's scheduler; the loops only poll. */
    JDK
}
