// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.OwnJvm;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** {@code netpoll.outbound=all}: in JVMs of their own, which keep their sockets' factory for good. */
@ExtendWith(OutputCaptureExtension.class)
class AllSocketsTest {

    static final String OPEN = "--add-opens=java.base/java.net=ALL-UNNAMED";

    @Test
    void whateverAHandlerCallsIsOnTheLoopsAndNamed() throws Exception {
        assertThat(OwnJvm.run(AllSocketsUse.class, OPEN)).isGreaterThan(3);
    }

    @Test
    void whereTheJvmDoesNotAllowItOneLineSaysWhatToDo(CapturedOutput output) {
        try (ConfigurableApplicationContext application = AllSocketsUse.run()) {
            assertThat(application.isActive()).isTrue();
        }
        assertThat(output)
                .containsOnlyOnce("netpoll.outbound=all has no effect beyond")
                .contains("--add-opens=java.base/java.net=ALL-UNNAMED");
    }
}
