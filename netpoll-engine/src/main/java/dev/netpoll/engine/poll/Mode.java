package dev.netpoll.engine.poll;

/** Which of a descriptor's two slots. */
public enum Mode {
    READ,
    WRITE
}
