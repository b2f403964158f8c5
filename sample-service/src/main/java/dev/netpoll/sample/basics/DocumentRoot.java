// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A temporary directory with one large file in it, {@code files/large.txt}; generated, because a
 * repository is no place for large files. Gone when the service stops.
 */
record DocumentRoot(Path directory) implements AutoCloseable {

    static DocumentRoot create(DataSize size) throws IOException {
        Path directory = Files.createTempDirectory("sample-service-files-");
        Path large = Files.createDirectory(directory.resolve("files")).resolve("large.txt");
        try (OutputStream out = Files.newOutputStream(large)) {
            NumberedLines.write(out, size.toBytes());
        }
        return new DocumentRoot(directory);
    }

    @Override
    public void close() throws IOException {
        FileSystemUtils.deleteRecursively(directory);
    }
}
