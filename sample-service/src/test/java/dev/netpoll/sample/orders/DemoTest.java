// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import java.nio.file.Path;

/** demo.sh against a sample that runs already. */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = "server.shutdown=immediate")
class DemoTest {

    @LocalServerPort private int port;

    @Test
    void itShowsWhatItAnnounces(@TempDir Path directory) throws Exception {
        Demo.run(directory, "http://localhost:" + port);
    }
}
