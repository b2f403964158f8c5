// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.CancelledException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Calls of the JDK's client whose response comes in the moment of the cancel. */
class JdkRequestsTest {

    private StubServer server;

    @BeforeEach
    void start() {
        server = new StubServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    /** Cancels {@code scope} while the call waits, and has the response come before the client's future is cancelled. */
    private static HttpClient answeringWhenCancelled(CancelScope scope) {
        return new ForwardingHttpClient(HttpClient.newHttpClient()) {
            @Override
            public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                    HttpRequest request, BodyHandler<T> bodies) {
                CompletableFuture<HttpResponse<T>> sent = super.sendAsync(request, bodies);
                var future =
                        new CompletableFuture<HttpResponse<T>>() {
                            @Override
                            public boolean cancel(boolean mayInterruptIfRunning) {
                                complete(sent.join());
                                return super.cancel(mayInterruptIfRunning);
                            }
                        };
                scope.cancel("enough");
                return future;
            }
        };
    }

    private static RestClient under(ClientHttpRequestFactory factory) {
        return RestClient.builder().requestFactory(factory).build();
    }

    @Test
    void aResponseThatComesInTheMomentOfTheCancelIsClosed() {
        String target = "/half-body?1";
        try (CancelScope scope = CancelContext.background().withCancel()) {
            var jdk = new JdkClientHttpRequestFactory(answeringWhenCancelled(scope));
            RestClient client = under(ContextHttpRequestFactory.wrap(jdk));
            assertThatExceptionOfType(CancelledException.class)
                    .isThrownBy(
                            () ->
                                    scope.call(
                                            () ->
                                                    client.get()
                                                            .uri(server.url(target))
                                                            .retrieve()
                                                            .body(String.class)));
        }
        server.visit(target).awaitGone();
    }

    @Test
    void theFactorysSettingsAreReadAtEachRequest() {
        var jdk = new JdkClientHttpRequestFactory();
        RestClient client = under(ContextHttpRequestFactory.wrap(jdk));
        assertThat(client.get().uri(server.url("/ok?1")).retrieve().body(String.class))
                .isEqualTo("hello");
        assertThat(server.visit("/ok?1").header("Accept-Encoding")).contains("gzip");

        jdk.enableCompression(false);
        assertThat(client.get().uri(server.url("/ok?2")).retrieve().body(String.class))
                .isEqualTo("hello");
        assertThat(server.visit("/ok?2").header("Accept-Encoding")).isEmpty();

        jdk.setReadTimeout(Duration.ofMillis(50));
        assertThatExceptionOfType(ResourceAccessException.class)
                .isThrownBy(
                        () ->
                                client.get()
                                        .uri(server.url("/silent?3"))
                                        .retrieve()
                                        .toBodilessEntity())
                .withRootCauseInstanceOf(HttpTimeoutException.class);
        server.visit("/silent?3").awaitGone();
    }

    @Test
    void anotherClientsFactoryAndASubclassAreLeftAsTheyAre() {
        var subclass = new JdkClientHttpRequestFactory() {};
        assertThat(JdkRequests.of(subclass)).isSameAs(subclass);
        assertThat(JdkRequests.of(Clients.APACHE.bare())).isSameAs(Clients.APACHE.bare());
        assertThat(JdkRequests.of(new JdkClientHttpRequestFactory()))
                .isInstanceOf(JdkRequests.class);
    }
}
