// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.KernelException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file open for sendfile(2). Its one user closes it. */
public final class FileSource implements AutoCloseable {

    private final Kernel kernel;
    private final int fd;
    private final String path;
    private final AtomicBoolean closed = new AtomicBoolean();

    private FileSource(Kernel kernel, int fd, String path) {
        this.kernel = kernel;
        this.path = path;
        this.fd = fd;
    }

    static FileSource open(Kernel kernel, String path) throws IOException {
        int fd = kernel.openFile(path);
        if (fd < 0) {
            throw new KernelException("open " + path, -1, fd);
        }
        return new FileSource(kernel, fd, path);
    }

    int fd() {
        return fd;
    }

    /** Its size now, in bytes. */
    public long size() throws IOException {
        return Files.size(Path.of(path));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            kernel.close(fd);
        }
    }
}
