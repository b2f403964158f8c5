package dev.netpoll.engine.io;

/** {@link System#nanoTime} may start anywhere, even below zero; this starts at one. */
enum SystemTicker implements Ticker {
    INSTANCE;

    private static final long ORIGIN = System.nanoTime() - 1;

    @Override
    public long nanoTime() {
        return System.nanoTime() - ORIGIN;
    }
}
