// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.OwnJvm;

import org.junit.jupiter.api.Test;

/** Every socket of a JVM on the engine: in JVMs of their own, which keep the factory for good. */
class JvmSocketsTest {

    private static final String OPEN = "--add-opens=java.base/java.net=ALL-UNNAMED";

    @Test
    void whateverOpensASocketIsOnTheEngineWhileItIsAsked() throws Exception {
        assertThat(OwnJvm.run(JvmSocketsUse.class, OPEN)).isGreaterThan(10);
    }

    @Test
    void theContractOfTheJdksSocketsIsKept() throws Exception {
        assertThat(OwnJvm.run(JvmSocketsContracts.class, OPEN)).isGreaterThan(120);
    }

    @Test
    void aFactoryThatIsThereAlreadyIsNamed() throws Exception {
        assertThat(OwnJvm.run(JvmSocketsRefused.class, OPEN)).isEqualTo(1);
    }

    @Test
    void withoutJavaNetOpenItSaysWhatToDo() {
        assertThatThrownBy(NetpollSocketFactory::useForAllSockets)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("--add-opens=java.base/java.net=ALL-UNNAMED")
                .hasMessageContaining("Add-Opens: java.base/java.lang java.base/java.net");
    }
}
