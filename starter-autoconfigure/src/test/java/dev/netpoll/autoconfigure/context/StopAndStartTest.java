// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import dev.netpoll.actuate.NetpollDescriptor;
import dev.netpoll.actuate.NetpollEndpoint;
import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.web.RequestContexts;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.cache.ContextCache;
import org.springframework.test.context.cache.ContextCache.PauseMode;
import org.springframework.test.context.cache.DefaultContextCache;
import org.springframework.test.context.support.AnnotationConfigContextLoader;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

import java.util.Objects;

/** An application context that is stopped and started again, on the engine and on NIO. */
@ExtendWith(OutputCaptureExtension.class)
class StopAndStartTest {

    private static final String[] PATHS = {
        "/context", "/deadline", "/callable-quick", "/deferred-quick"
    };

    private ConfigurableApplicationContext application;

    private void run(boolean engine, String... more) {
        String[] properties = new String[more.length + 2];
        properties[0] = "--netpoll.tomcat.enabled=" + engine;
        properties[1] = "--netpoll.cancel.shutdown-grace=20s";
        System.arraycopy(more, 0, properties, 2, more.length);
        application = ContextApplication.run(properties);
    }

    @AfterEach
    void close() {
        application.close();
    }

    private int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    private RequestContexts requests() {
        return application.getBean(RequestContexts.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyRequestAfterAStartIsAnswered(boolean engine, CapturedOutput output) throws Exception {
        run(engine);
        Held before = null;
        try (Traffic traffic = new Traffic(PATHS)) {
            for (int i = 0; i <= 20; i++) {
                traffic.started(port());
                traffic.awaitAnswers(5);
                traffic.stopping();
                application.stop();
                assertThat(requests().active()).isZero();
                if (i == 1) {
                    before = Held.now();
                }
                application.start();
            }
        }
        application.stop();
        Held.awaitNoMoreThan(before);
        ContextContract.assertQuiet(output);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAStopHasCancelledIsAnsweredAndDoesNotTouchWhatFollows(boolean engine)
            throws Exception {
        run(engine, "--spring.lifecycle.timeout-per-shutdown-phase=100ms");
        Probes probes = application.getBean(Probes.class);
        for (int i = 0; i < 3; i++) {
            try (WebClient client = new WebClient(port(), "/wait?key=" + i)) {
                probes.await(i + ".entered");
                assertThat(probes.isTold("" + i)).isFalse();
                application.stop();
                Answer answer = client.answer();
                assertThat(answer.status()).as(answer.text()).isEqualTo(503);
                assertThat(answer.body()).contains("shutting down");
            }
            application.start();
            assertThat(WebClient.get(port(), "/context").status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theManagementServerComesBackTooAndNothingIsCountedTwice(boolean engine) throws Exception {
        run(engine, "--management.server.port=0", "--management.endpoints.web.exposure.include=*");
        NetpollEndpoint endpoint = application.getBean(NetpollEndpoint.class);
        int loops = endpoint.netpoll().loops().size();
        for (int i = 0; i < 3; i++) {
            application.stop();
            assertThat(endpoint.netpoll().connectors()).isEmpty();
            application.start();
            int management =
                    application
                            .getEnvironment()
                            .getRequiredProperty("local.management.port", Integer.class);
            assertThat(WebClient.get(port(), "/context").status()).isEqualTo(200);
            assertThat(WebClient.get(management, "/actuator/health").status()).isEqualTo(200);
            assertThat(endpoint.netpoll().connectors())
                    .extracting(NetpollDescriptor.ConnectorDescriptor::port)
                    .containsExactly(port(), management);
            assertThat(endpoint.netpoll().loops()).hasSize(loops);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aContextThatTheTestsCachePausesServesWhenItIsNeededAgain(boolean engine) throws Exception {
        run(engine);
        ContextCache cache = new DefaultContextCache(2, PauseMode.ALWAYS);
        MergedContextConfiguration key =
                new MergedContextConfiguration(
                        StopAndStartTest.class,
                        null,
                        new Class<?>[] {ContextApplication.class},
                        null,
                        new AnnotationConfigContextLoader());
        cache.put(key, _ -> application);
        for (int i = 0; i < 5; i++) {
            assertThat(cache.get(key)).isSameAs(application);
            cache.registerContextUsage(key, StopAndStartTest.class);
            assertThat(application.isRunning()).isTrue();
            assertThat(WebClient.get(port(), "/context").status()).isEqualTo(200);
            assertThat(WebClient.get(port(), "/callable-quick").status()).isEqualTo(200);
            cache.unregisterContextUsage(key, StopAndStartTest.class);
            assertThat(application.isRunning()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRestartOfARunningContextDisturbsNoRequest(boolean engine) throws Exception {
        run(engine);
        try (Traffic traffic = new Traffic(PATHS)) {
            traffic.started(port());
            for (int i = 1; i <= 5; i++) {
                traffic.awaitAnswers(5 * i);
                // Pauses what can be paused, which executors can: their tasks wait meanwhile.
                application.restart();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void requestsThatNoServerBroughtHaveALiveContextAfterAStart(boolean engine) throws Exception {
        run(engine);
        for (int i = 0; i < 2; i++) {
            application.stop();
            application.start();
            MockMvc mvc =
                    MockMvcBuilders.webAppContextSetup((WebApplicationContext) application)
                            .addFilters(
                                    application
                                            .getBean(
                                                    "netpollCancelContextFilter",
                                                    FilterRegistrationBean.class)
                                            .getFilter())
                            .build();
            assertThat(mvc.perform(get("/live")).andReturn().getResponse().getContentAsString())
                    .isEqualTo("true");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stoppingOneApplicationLeavesAnotherInTheSameJvmAlone(boolean engine) throws Exception {
        run(engine);
        int port = port();
        try (ConfigurableApplicationContext other =
                        ContextApplication.run("--netpoll.tomcat.enabled=" + engine);
                Traffic traffic = new Traffic(PATHS)) {
            traffic.started(port);
            other.stop();
            traffic.awaitAnswers(5);
            other.start();
            other.close();
            traffic.awaitAnswers(10);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClosedApplicationLeavesNothingToTheNextOne(boolean engine, CapturedOutput output)
            throws Exception {
        run(engine);
        Held before = null;
        for (int i = 0; i < 5; i++) {
            assertThat(WebClient.get(port(), "/context").status()).isEqualTo(200);
            application.close();
            if (i == 1) {
                before = Held.now();
            }
            run(engine);
        }
        application.close();
        Held.awaitNoMoreThan(before);
        ContextContract.assertQuiet(output);
    }
}
