// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.OwnJvm;
import dev.netpoll.testsupport.PostgresContainer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code netpoll.outbound=all} under a pool that the factory of its driver is too late for. */
@ExtendWith(PostgresContainer.class)
class AllSocketsPoolTest {

    @Test
    void aPoolThatIsStartedByItsConstructorIsOnTheLoops(PostgresContainer.Server server)
            throws Exception {
        int passed =
                OwnJvm.run(
                        AllSocketsPool.class,
                        AllSocketsTest.OPEN,
                        "-Dpool.url=" + server.url(),
                        "-Dpool.user=" + server.username(),
                        "-Dpool.password=" + server.password());
        assertThat(passed).isEqualTo(1);
    }
}
