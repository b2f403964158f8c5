// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.context.ContextApplication.Tasks;
import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.context.CancelCause;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

class ShutdownTest {

    private ConfigurableApplicationContext application;

    private void start(boolean engine) {
        application =
                ContextApplication.run(
                        "--netpoll.tomcat.enabled=" + engine,
                        "--spring.lifecycle.timeout-per-shutdown-phase=2s");
    }

    private WebClient client(String path) throws Exception {
        int port =
                Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                        .getPort();
        return new WebClient(port, path);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheDrainHasLeftIsCancelledAndAnswered(boolean engine) throws Exception {
        start(engine);
        Probes probes = application.getBean(Probes.class);
        Tasks tasks = application.getBean(Tasks.class);
        try (WebClient quick = client("/released?key=quick");
                WebClient stuck = client("/wait?key=stuck")) {
            probes.await("quick.entered");
            probes.await("stuck.entered");
            tasks.attached("task");
            probes.await("task.running");
            probes.tell("hang", true);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(application::close);
            assertThat(probes.isTold("stuck")).isFalse();
            probes.tell("quick", true);

            Answer answer = quick.answer();
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("in time");

            Answer cancelled = stuck.answer();
            assertThat(cancelled.status()).as(cancelled.text()).isEqualTo(503);
            assertThat(cancelled.body()).contains("shutting down");
            assertThat(ContextApplication.kind(probes.await("stuck")))
                    .isEqualTo(CancelCause.Kind.SERVER_SHUTTING_DOWN);
            assertThat(probes.await("task")).isEqualTo("interrupted by SERVER_SHUTTING_DOWN");
            Bounded.value(closing);
        }
    }
}
