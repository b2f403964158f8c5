// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes a payload without blocking. Runs on the container's threads, one at a time, which is checked. */
final class BodyWriter implements WriteListener {
    private final ServletOutputStream out;
    private final long size;
    private final Runnable whenDone;
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final AtomicInteger timesNotReady = new AtomicInteger();
    private final AtomicInteger inside = new AtomicInteger();
    private final byte[] block = new byte[8000];

    /** Written by one container thread at a time. */
    private long position;

    BodyWriter(ServletOutputStream out, long size, Runnable whenDone) {
        this.out = out;
        this.size = size;
        this.whenDone = whenDone;
    }

    /** How often the writer had to wait for the client. */
    int timesNotReady() {
        return timesNotReady.get();
    }

    /** Completed with what {@code onError} was told. */
    CompletableFuture<Throwable> failure() {
        return failure;
    }

    @Override
    public void onWritePossible() throws IOException {
        if (inside.incrementAndGet() != 1) {
            throw new IllegalStateException("two threads in one WriteListener");
        }
        boolean done = writeWhileReady();
        inside.decrementAndGet();
        if (done) {
            whenDone.run();
        }
    }

    private boolean writeWhileReady() throws IOException {
        while (out.isReady()) {
            if (position == size) {
                return true;
            }
            int length = (int) Math.min(block.length, size - position);
            Payload.fill(block, length, position);
            out.write(block, 0, length);
            position += length;
        }
        timesNotReady.incrementAndGet();
        return false;
    }

    @Override
    public void onError(Throwable cause) {
        whenDone.run();
        failure.complete(cause);
    }
}
