// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;

import java.io.IOException;

/** The engine, which also sees clients leave. */
class ContextOnTheEngineTest extends ContextContract {

    @Override
    String[] properties() {
        return new String[] {"--netpoll.cancel.on-peer-close=fin"};
    }

    private interface Goodbye {
        void leave(WebClient client) throws IOException;
    }

    private void leavingCancels(String path, String key, Goodbye leaving) throws IOException {
        WebClient client = new WebClient(port(), path + "?key=" + key);
        probes().await(key + ".entered");
        leaving.leave(client);
        assertThat(ContextApplication.kind(probes().await(key)))
                .isEqualTo(CancelCause.Kind.CLIENT_DISCONNECTED);
    }

    @Test
    void aClientThatClosesCancelsItsRequestQuietly(CapturedOutput output) throws Exception {
        leavingCancels("/wait", "fin", WebClient::close);
        awaitAccess("499 /wait");
        awaitMeter("/wait", "499");
        assertQuiet(output);
    }

    @Test
    void aClientThatResetsCancelsItsRequestQuietly(CapturedOutput output) throws Exception {
        leavingCancels("/wait", "rst", WebClient::reset);
        assertQuiet(output);
    }

    @Test
    void aClientThatLeavesCancelsItsAsynchronousRequest(CapturedOutput output) throws Exception {
        leavingCancels("/deferred-wait", "deferred", WebClient::close);
        assertQuiet(output);
    }

    @ParameterizedTest
    @EnumSource
    void anEmitterIsToldAtOnceOfAClientThatLeaves(Leaving leaving, CapturedOutput output)
            throws Exception {
        String key = "sse-idle-" + leaving;
        WebClient client = new WebClient(port(), "/sse?key=" + key);
        client.readUntil("first");
        leaving.leave(client);
        assertToldOfLeave(key);
        // Tomcat's adapter logs every asynchronous request so whose connection has failed.
        awaitAccess("500 /sse");
        assertQuiet(output);
    }

    @Test
    void aClientThatLeavesStopsTheTasksOfItsRequest(CapturedOutput output) throws Exception {
        WebClient client = new WebClient(port(), "/task-of-a-leaver?key=task");
        probes().await("task.running");
        client.close();
        assertThat(probes().await("task")).isEqualTo("interrupted by CLIENT_DISCONNECTED");
        assertQuiet(output);
    }
}
