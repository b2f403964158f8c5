// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/** What spans tell of calls to other servers that a request's end has cut short. */
class CallTracesTest {

    private static final int BOUND_MILLIS = 30_000;

    private ServerSocket silent;
    private ConfigurableApplicationContext context;

    @BeforeEach
    void start() throws Exception {
        silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        silent.setSoTimeout(BOUND_MILLIS);
        context =
                SpringApplication.run(
                        CallingApplication.class,
                        "--server.port=0",
                        "--management.endpoints.web.exposure.include=*",
                        "--spring.http.clients.imperative.factory=jdk");
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
        silent.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "web"})
    void aCancelThatReachesACallIsAnEventOfTheRequestsSpan(String way) throws Exception {
        leaveDuring("/call/" + way);
        SpanData request = TracedApplication.span(context, "/call/{way}");

        assertThat(events(request))
                .containsExactly("client disconnected", "cancel reached HTTP: GET 127.0.0.1");
    }

    @Test
    void itIsAnEventOfTheCallsOwnSpanToo() throws Exception {
        leaveDuring("/call/client");
        SpanData request = TracedApplication.span(context, "/call/{way}");
        SpanData call = TracedApplication.span(context, "http get");

        assertThat(events(call)).containsExactly("cancel reached HTTP: GET 127.0.0.1");
        assertThat(call.getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(call.getTraceId()).isEqualTo(request.getTraceId());
    }

    private static List<String> events(SpanData span) {
        return span.getEvents().stream()
                .map(EventData::getName)
                .filter(name -> !name.equals("exception"))
                .toList();
    }

    /** The client leaves when the call has come to the other server, who never answers. */
    private void leaveDuring(String path) throws Exception {
        Wire client =
                Wire.to(ObservedApplication.port(context))
                        .get(path + "?port=" + silent.getLocalPort());
        try (Socket call = silent.accept()) {
            call.setSoTimeout(BOUND_MILLIS);
            assertThat(call.getInputStream().read()).isEqualTo('G');
            client.close();
            TracedApplication.span(context, path.substring(0, "/call".length()));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import({TracedApplication.class, Calls.class})
    static class CallingApplication {}

    @RestController
    static class Calls {

        private final RestClient client;
        private final WebClient web;

        Calls(RestClient.Builder client, WebClient.Builder web) {
            this.client = client.build();
            this.web = web.build();
        }

        @GetMapping("/call/{way}")
        String call(@PathVariable String way, @RequestParam int port) {
            String url = "http://127.0.0.1:" + port + "/?secret=1";
            return way.equals("web")
                    ? web.get().uri(url).retrieve().bodyToMono(String.class).block()
                    : client.get().uri(url).retrieve().body(String.class);
        }
    }
}
