// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.util.unit.DataSize;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class DownloadTest extends ServiceTest {

    @Autowired private DocumentRoot root;

    @Test
    void aDownloadHasEveryByteInOrder() throws Exception {
        HttpResponse<byte[]> answer = bytes("/download?mb=3");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(3 << 20);
        assertThat(answer.body()).isEqualTo(numberedLines(3 << 20));
    }

    @Test
    void aDownloadOfNothingIsEmpty() throws Exception {
        assertThat(bytes("/download?mb=0").body()).isEmpty();
    }

    @Test
    void theStaticFileIsWhatLiesOnDisk() throws Exception {
        HttpResponse<byte[]> answer = bytes("/files/large.txt");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(numberedLines(LARGE_BYTES));
        assertThat(Files.size(root.directory().resolve("files/large.txt"))).isEqualTo(LARGE_BYTES);
    }

    @Test
    void aPartOfTheStaticFileCanBeAskedFor() throws Exception {
        HttpResponse<byte[]> answer =
                client.send(
                        request("/files/large.txt").header("Range", "bytes=100000-299999").build(),
                        BodyHandlers.ofByteArray());

        assertThat(answer.statusCode()).isEqualTo(206);
        assertThat(answer.body())
                .isEqualTo(Arrays.copyOfRange(numberedLines(300_000), 100_000, 300_000));
    }

    @Test
    void aFileThatIsNotThereIs404() throws Exception {
        assertThat(get("/files/none.txt").statusCode()).isEqualTo(404);
    }

    @Test
    void theStaticFilesAreGoneWhenTheServiceIs() throws Exception {
        Path directory;
        try (DocumentRoot closed = DocumentRoot.create(DataSize.ofBytes(10))) {
            directory = closed.directory();
            assertThat(directory.resolve("files/large.txt")).hasSize(10);
        }
        assertThat(directory).doesNotExist();
    }

    private HttpResponse<byte[]> bytes(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), BodyHandlers.ofByteArray());
    }

    private static byte[] numberedLines(int bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NumberedLines.write(out, bytes);
        return out.toByteArray();
    }
}
