// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.OwnJvm;

import org.junit.jupiter.api.Test;

/** A body of any size takes the same memory: 192 MiB here, 1 GiB with {@code -Dnetpoll.long=true}. */
class LargeBodyTest {

    private static final long SIZE = Boolean.getBoolean("netpoll.long") ? 1L << 30 : 192L << 20;

    @Test
    void aBodyOfManyHeapsGoesDownAndUpPlainAndOverTls() throws Exception {
        int passed =
                OwnJvm.run(
                        LargeBodies.class,
                        "-Xmx64m",
                        "-XX:MaxDirectMemorySize=16m",
                        "-D" + LargeBodies.SIZE + "=" + SIZE);
        assertThat(passed).isEqualTo(4);
    }
}
