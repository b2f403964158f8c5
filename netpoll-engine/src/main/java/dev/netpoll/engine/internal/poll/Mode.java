// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

/** The direction of an operation: it names one of a descriptor's two slots. */
public enum Mode {
    READ,
    WRITE;

    /** As errors name it. */
    String operation() {
        return this == READ ? "read" : "write";
    }
}
