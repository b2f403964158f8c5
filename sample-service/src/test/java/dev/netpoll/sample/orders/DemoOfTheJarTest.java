// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;

/** demo.sh with nothing but the jar: once that is built, so after the other tests. */
@Tag("jar")
class DemoOfTheJarTest {

    @Test
    void itStartsTheJarItselfAndShowsWhatItAnnounces(@TempDir Path directory) throws Exception {
        Demo.run(directory);
    }
}
