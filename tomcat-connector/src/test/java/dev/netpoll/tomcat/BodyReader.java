// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Reads a request body without blocking and tells its digest. Runs on the container's threads, of which only one may be
 * in it at any time: that too is checked.
 */
final class BodyReader implements ReadListener {
    private final ServletInputStream in;
    private final Consumer<Payload.Digest> whenDone;
    private final AtomicInteger inside = new AtomicInteger();
    private final byte[] block = new byte[4096];

    /** Written by one container thread at a time, one after the other. */
    private final CRC32C crc = new CRC32C();

    /** Written like {@link #crc}; read by the test. */
    private volatile long size;

    private volatile Consumer<Throwable> whenFailed = failure -> {};

    BodyReader(ServletInputStream in, Consumer<Payload.Digest> whenDone) {
        this.in = in;
        this.whenDone = whenDone;
    }

    void onFailure(Consumer<Throwable> action) {
        whenFailed = action;
    }

    long size() {
        return size;
    }

    @Override
    public void onDataAvailable() throws IOException {
        enter();
        while (in.isReady() && !in.isFinished()) {
            int n = in.read(block);
            if (n > 0) {
                crc.update(block, 0, n);
                size += n;
            }
        }
        inside.decrementAndGet();
    }

    @Override
    public void onAllDataRead() {
        enter();
        whenDone.accept(new Payload.Digest(size, crc.getValue()));
        inside.decrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
        whenFailed.accept(failure);
    }

    private void enter() {
        if (inside.incrementAndGet() != 1) {
            throw new IllegalStateException("two threads in one ReadListener");
        }
    }
}
