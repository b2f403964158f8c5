// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.NetpollEndpoint;
import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.AdmissionControl;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import java.time.Duration;
import java.util.Objects;

/** Requests that are refused before they begin, by an application on a real port. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdmissionTest {

    private ConfigurableApplicationContext application;

    @BeforeAll
    void start() {
        application =
                ContextApplication.run(
                        "--management.endpoints.web.exposure.include=health,netpoll",
                        "--netpoll.admission.max-concurrent=1",
                        "--netpoll.admission.by-remaining-time=true",
                        "--netpoll.admission.probe-every=1h",
                        "--netpoll.admission.retry-after=1500ms");
    }

    @AfterAll
    void stop() {
        application.close();
    }

    private int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    private AdmissionControl admission() {
        return application.getBean(AdmissionControl.class);
    }

    private Answer get(String path, String... headers) throws Exception {
        return WebClient.get(port(), path, headers);
    }

    private void awaitNobody() {
        Bounded.until(() -> admission().statistics().running() == 0, admission()::statistics);
    }

    private static void assertRefused(Answer answer, String why) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.isProblem()).isTrue();
        assertThat(answer.text()).contains("Retry-After: 2\r\n");
        assertThat(answer.body()).contains(why);
    }

    @Test
    void whoComesWhenAllPlacesAreTakenIsRefusedAtOnce() throws Exception {
        awaitNobody();
        Probes probes = application.getBean(Probes.class);
        try (WebClient first = new WebClient(port(), "/wait?key=occupying")) {
            probes.await("occupying.entered");
            assertRefused(get("/context"), "as many requests run as may");
            assertThat(get("/actuator/health").status()).isEqualTo(200);
        }
        awaitNobody();
        assertThat(get("/context").status()).isEqualTo(200);
        assertThat(admission().statistics().refusedBusy()).isPositive();
        assertThat(application.getBean(NetpollEndpoint.class).netpoll().admission().limits())
                .asString()
                .contains("maxConcurrent=1")
                .doesNotContain("refusedBusy=0");
    }

    @Test
    void anAsynchronousRequestHasItsPlaceUntilItIsCompleted() throws Exception {
        awaitNobody();
        Probes probes = application.getBean(Probes.class);
        try (WebClient first = new WebClient(port(), "/deferred-wait?key=deferred")) {
            probes.await("deferred.entered");
            assertRefused(get("/context"), "as many requests run as may");
        }
        awaitNobody();
    }

    @Test
    void whoHasLessTimeThanSuchRequestsNeedIsRefusedAtOnce() throws Exception {
        awaitNobody();
        for (int i = 0; i < 16; i++) {
            admission().succeeded("GET /deadline", Duration.ofHours(3));
        }
        assertThat(get("/deadline", "x-request-timeout-ms: 3600000").status())
                .as("the probe")
                .isEqualTo(200);
        awaitNobody();
        assertRefused(
                get("/deadline", "x-request-timeout-ms: 3600000"),
                "less time is left than such requests need");
        assertThat(admission().statistics().refusedLate()).isEqualTo(1);
        awaitNobody();
        assertThat(get("/context").status()).as("another route").isEqualTo(200);
    }

    @Test
    void whatSuccessesNeededIsKnownByTheirRoute() throws Exception {
        for (int i = 0; i < 20; i++) {
            awaitNobody();
            assertThat(get("/ids").status()).isEqualTo(200);
        }
        awaitNobody();
        Bounded.until(
                () -> admission().statistics().needed().containsKey("GET /ids"),
                admission()::statistics);
    }
}
