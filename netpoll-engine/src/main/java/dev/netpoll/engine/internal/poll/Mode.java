package dev.netpoll.engine.internal.poll;

/** Which of a descriptor's two slots. */
public enum Mode {
    READ,
    WRITE;

    /** As errors name it. */
    String operation() {
        return this == READ ? "read" : "write";
    }
}
