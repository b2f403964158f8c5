// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes what it reads, neither of them blocking. The container may call the two listeners from two threads at once, so
 * one lock guards the one buffer between them.
 */
final class Echo {
    private final ServletInputStream in;
    private final ServletOutputStream out;
    private final Runnable whenDone;
    private final byte[] block = new byte[8192];

    /** Guarded by {@code this}: bytes of {@link #block} that are read but not written. */
    private int pending;

    /** Guarded by {@code this}. */
    private boolean ended;

    Echo(ServletInputStream in, ServletOutputStream out, Runnable whenDone) {
        this.in = in;
        this.out = out;
        this.whenDone = whenDone;
    }

    void start() {
        in.setReadListener(
                new ReadListener() {
                    @Override
                    public void onDataAvailable() throws IOException {
                        pump();
                    }

                    @Override
                    public void onAllDataRead() throws IOException {
                        pump();
                    }

                    @Override
                    public void onError(Throwable failure) {
                        end();
                    }
                });
        out.setWriteListener(
                new WriteListener() {
                    @Override
                    public void onWritePossible() throws IOException {
                        pump();
                    }

                    @Override
                    public void onError(Throwable failure) {
                        end();
                    }
                });
    }

    private synchronized void pump() throws IOException {
        while (!ended) {
            if (pending > 0) {
                if (!out.isReady()) {
                    return;
                }
                int length = pending;
                pending = 0;
                out.write(block, 0, length);
            } else if (in.isFinished()) {
                if (out.isReady()) {
                    end();
                }
                return;
            } else if (!in.isReady()) {
                flushIfPossible();
                return;
            } else {
                readSome();
            }
        }
    }

    private void readSome() throws IOException {
        int n = in.read(block);
        if (n < 0) {
            end();
        } else {
            pending = n;
        }
    }

    private void flushIfPossible() {
        try {
            if (out.isReady()) {
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void end() {
        if (!ended) {
            ended = true;
            whenDone.run();
        }
    }
}
