// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.context.ContextApplication.Tasks;
import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;

import io.micrometer.core.instrument.MeterRegistry;

import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** What holds on every connector: requests of a Spring MVC application on a real port. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
abstract class ContextContract {

    private Path logs;
    private ConfigurableApplicationContext application;

    abstract String[] properties();

    @BeforeAll
    void start(@TempDir Path directory) {
        logs = directory;
        List<String> all = new ArrayList<>(Arrays.asList(properties()));
        all.add("--server.tomcat.accesslog.enabled=true");
        all.add("--server.tomcat.accesslog.buffered=false");
        all.add("--server.tomcat.accesslog.pattern=%s %U");
        all.add("--server.tomcat.accesslog.directory=" + logs);
        application = ContextApplication.run(all.toArray(String[]::new));
    }

    @AfterAll
    void stop() {
        application.close();
    }

    @AfterEach
    void noRequestIsLeft() {
        RequestContexts contexts = application.getBean(RequestContexts.class);
        Bounded.until(() -> contexts.active() == 0, contexts::ended);
    }

    int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    Probes probes() {
        return application.getBean(Probes.class);
    }

    private Tasks tasks() {
        return application.getBean(Tasks.class);
    }

    Answer get(String path, String... headers) throws IOException {
        return WebClient.get(port(), path, headers);
    }

    String accessLog() {
        try (var files = Files.list(logs)) {
            Path file = files.findFirst().orElse(null);
            return file == null ? "" : Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitAccess(String line) {
        Bounded.until(() -> accessLog().contains(line + "\n"), this::accessLog);
    }

    void awaitMeter(String uri, String status) {
        MeterRegistry meters = application.getBean(MeterRegistry.class);
        Bounded.until(
                () ->
                        meters.find("http.server.requests")
                                        .tags("uri", uri, "status", status)
                                        .timer()
                                != null,
                () ->
                        meters.find("http.server.requests").timers().stream()
                                .map(t -> t.getId())
                                .toList());
    }

    static void assertQuiet(CapturedOutput output) {
        assertThat(output.getAll()).doesNotContain("WARN ").doesNotContain("ERROR ");
    }

    private static void assertExpired(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.isProblem()).as(answer.text()).isTrue();
        assertThat(answer.body()).contains("deadline exceeded");
    }

    // ---- arguments and beans

    @Test
    void aHandlerIsGivenItsContextAsArgumentAndAsBean() throws Exception {
        assertThat(get("/context").body()).isEqualTo("true true null null");
    }

    @Test
    void aHandlerIsGivenItsDeadlineAsArgumentAndAsBean() throws Exception {
        assertThat(get("/deadline").body()).isEqualTo("true true 59");
    }

    // ---- deadlines

    @Test
    void whatAHandlerReturnsAfterItsContextWasCancelledIsNotTheAnswer() throws Exception {
        Answer answer = get("/cancelled");
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertThat(answer.isProblem()).as(answer.text()).isTrue();
    }

    @Test
    void anAnnotationsDeadlineEndsTheRequest(CapturedOutput output) throws Exception {
        assertExpired(get("/annotated"));
        awaitAccess("503 /annotated");
        awaitMeter("/annotated", "503");
        assertQuiet(output);
    }

    @Test
    void aRulesDeadlineEndsTheRequest() throws Exception {
        assertExpired(get("/ruled/slow"));
    }

    @Test
    void aRuleForAnotherMethodIsNone() throws Exception {
        assertThat(get("/context").status()).isEqualTo(200);
    }

    @Test
    void headersShorten() throws Exception {
        assertThat(get("/header").body()).isEqualTo("no deadline");
        assertExpired(get("/header", "x-request-timeout-ms: 50"));
        assertExpired(get("/header", "grpc-timeout: 50m"));
        assertExpired(get("/header", "x-envoy-expected-rq-timeout-ms: 50"));
        assertThat(get("/header", "x-request-timeout-ms: soon").body()).isEqualTo("no deadline");
    }

    @Test
    void headersCannotLengthen() throws Exception {
        assertExpired(get("/annotated", "x-request-timeout-ms: 3600000"));
    }

    @Test
    void whateverTheHandlerThrowsBecauseOfTheEndIsNoError(CapturedOutput output) throws Exception {
        assertExpired(get("/wrapped"));
        assertQuiet(output);
    }

    @Test
    void whatAFilterThrowsBecauseOfTheEndIsNoError(CapturedOutput output) throws Exception {
        assertExpired(get("/ruled/filtered"));
        assertQuiet(output);
    }

    @Test
    void aHandlersOwnErrorsStayTheApplications() throws Exception {
        Answer answer = get("/failing");
        assertThat(answer.status()).isEqualTo(418);
        assertThat(answer.body()).contains("an error of its own");
    }

    @Test
    void anUninterruptedHandlerIsNotInterrupted() throws Exception {
        assertExpired(get("/uninterrupted?key=uninterrupted"));
        assertThat(probes().await("uninterrupted")).isEqualTo(false);
    }

    @Test
    void connectionAndRequestAreInTheMdc() throws Exception {
        String[] first = get("/ids").body().split(" ");
        String[] second = get("/ids").body().split(" ");
        assertThat(first).hasSize(2).doesNotContain("null");
        // Each number from a row of its own: a connection's may well be another request's.
        assertThat(second[0]).as("another connection").isNotEqualTo(first[0]);
        assertThat(second[1]).as("another request").isNotEqualTo(first[1]);
    }

    // ---- asynchronous requests

    @Test
    void aCallableRunsUnderItsRequestsContext() throws Exception {
        assertThat(get("/callable-quick").body()).isEqualTo("same deadline: true");
    }

    @Test
    void aCallableOnAnExecutorOfItsOwnDoesSoToo() throws Exception {
        assertThat(get("/web-async-task").body()).isEqualTo("same deadline: true");
    }

    @Test
    void aCallableEndsWithItsDeadline(CapturedOutput output) throws Exception {
        assertExpired(get("/callable"));
        assertQuiet(output);
    }

    @Test
    void aDeferredResultIsDeliveredInTime() throws Exception {
        assertThat(get("/deferred-quick").body()).isEqualTo("done");
    }

    @Test
    void aDeferredResultEndsWithItsDeadline(CapturedOutput output) throws Exception {
        assertExpired(get("/deferred"));
        assertQuiet(output);
    }

    @Test
    void anAsynchronousFunctionEndsWithItsDeadline(CapturedOutput output) throws Exception {
        assertExpired(get("/ruled/function"));
        assertQuiet(output);
    }

    @Test
    void anEmitterEndsWithItsContextAndNeverLooksWhole(CapturedOutput output) throws Exception {
        endsWithinTheResponse("/emitter");
        assertQuiet(output);
    }

    @Test
    void aStreamEndsWithItsContextAndNeverLooksWhole(CapturedOutput output) throws Exception {
        endsWithinTheResponse("/stream");
        assertQuiet(output);
    }

    private void endsWithinTheResponse(String path) throws IOException {
        try (WebClient client = new WebClient(port(), path + "?key=" + path)) {
            String begun = client.readUntil("first");
            assertThat(begun).startsWith("HTTP/1.1 200");
            probes().await(path, CancelScope.class).cancel("enough");
            // What a handler writes after that may still leave, but not the end of the response.
            assertThat(client.answer().text()).doesNotContain("0\r\n\r\n");
        }
    }

    // ---- emitters whose client leaves

    /** How a client leaves. */
    enum Leaving {
        FIN {
            @Override
            void leave(WebClient client) throws IOException {
                client.close();
            }
        },
        RST {
            @Override
            void leave(WebClient client) throws IOException {
                client.reset();
            }
        };

        abstract void leave(WebClient client) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void anEmitterWhoseClientLeavesBetweenSendsIsToldOfTheErrorAndTheCompletion(
            Leaving leaving, CapturedOutput output) throws Exception {
        String key = "sse-" + leaving;
        WebClient client = new WebClient(port(), "/sse?key=" + key);
        client.readUntil("first");
        SseEmitter emitter = emitter(key);
        leaving.leave(client);
        assertThat(failureOfSends(emitter, "more")).isNotNull();
        assertToldOfLeave(key);
        awaitAccess(" /sse");
        assertQuiet(output);
    }

    @ParameterizedTest
    @EnumSource
    void anEmitterWhoseClientLeavesDuringASendIsToldOfTheErrorAndTheCompletion(
            Leaving leaving, CapturedOutput output) throws Exception {
        String key = "sse-full-" + leaving;
        WebClient client = new WebClient(port(), "/sse?key=" + key);
        client.readUntil("first");
        SseEmitter emitter = emitter(key);
        CompletableFuture<Exception> failure =
                CompletableFuture.supplyAsync(() -> failureOfSends(emitter, "x".repeat(1 << 20)));
        client.readUntil("xxx");
        assertThat(failure).isNotDone();
        leaving.leave(client);
        assertThat(Bounded.value(failure)).isNotNull();
        assertToldOfLeave(key);
        assertQuiet(output);
    }

    /** When the thread that began it is out of it: before that, Tomcat may never end a failed request. */
    private SseEmitter emitter(String key) {
        SseEmitter emitter = probes().await(key, SseEmitter.class);
        AbstractProtocol<?> protocol =
                (AbstractProtocol<?>)
                        ((TomcatWebServer)
                                        Objects.requireNonNull(
                                                ((WebServerApplicationContext) application)
                                                        .getWebServer()))
                                .getTomcat()
                                .getConnector()
                                .getProtocolHandler();
        Bounded.until(
                () -> protocol.getWaitingProcessorCount() == 1, protocol::getWaitingProcessorCount);
        return emitter;
    }

    void assertToldOfLeave(String key) {
        List<?> told = probes().await(key + ".completion", List.class);
        assertThat(told).hasToString("[error, completion]");
        assertThat(probes().await(key + ".error")).isInstanceOf(IOException.class);
    }

    private static Exception failureOfSends(SseEmitter emitter, String event) {
        for (int i = 0; i < 100_000; i++) {
            try {
                emitter.send(event);
            } catch (IOException | IllegalStateException e) {
                return e;
            }
        }
        throw new AssertionError("the client is gone, and nobody noticed");
    }

    // ---- asynchronous methods

    @Test
    void anAsyncMethodOutlivesTheRequestsOrderlyEnd() throws Exception {
        assertThat(get("/start?key=outlives").body()).isEqualTo("started");
        CancelContext request = probes().await("outlives.request", CancelContext.class);
        Bounded.until(request::isCancelled, request::toString);
        assertThat(request.cause().origin()).isInstanceOf(CancelCause.Completed.class);
        probes().tell("outlives.release", true);
        assertThat(probes().await("outlives")).isEqualTo("released, cancelled: false");
    }

    @Test
    void anAsyncMethodIsStoppedByTheRequestsDeadlineAndADetachedOneIsNot(CapturedOutput output)
            throws Exception {
        String key = probes().keyOf("timed", k -> assertExpired(get("/start-and-wait?key=" + k)));
        assertThat(probes().await(key)).isEqualTo("interrupted by DEADLINE_EXCEEDED");
        probes().tell(key + ".detached.release", true);
        assertThat(probes().await(key + ".detached")).isEqualTo("released, cancelled: false");
        assertQuiet(output);
    }

    @Test
    void aTaskOfTheApplicationsExecutorIsStoppedByTheRequestsDeadline() throws Exception {
        assertExpired(get("/executor?key=executed"));
        assertThat(probes().await("executed")).isEqualTo("interrupted by DEADLINE_EXCEEDED");
    }

    @Test
    void cancellingACompletableFutureStopsItsTask() {
        CompletableFuture<String> future = tasks().completable("completable");
        CancelContext context = probes().await("completable.running", CancelContext.class);
        future.cancel(true);
        assertThat(probes().await("completable")).isEqualTo("interrupted by CANCELLED_BY_CODE");
        assertThat(context.isCancelled()).isTrue();
    }

    @Test
    void cancellingAPlainFutureStopsItsTask() {
        Future<String> future = tasks().plain("plain");
        CancelContext context = probes().await("plain.running", CancelContext.class);
        future.cancel(true);
        assertThat(probes().await("plain")).isEqualTo("interrupted by CANCELLED_BY_CODE");
        assertThat(context.isCancelled()).isTrue();
    }

    // ---- background work

    @Test
    void scheduledMethodsAndRunnersHaveAContextThatIsTheirOwn() {
        assertThat(probes().await("runner", CancelContext.class).isCancelled()).isFalse();
        CancelContext run = probes().await("scheduled", CancelContext.class);
        CancelContext next = probes().await("scheduled again", CancelContext.class);
        assertThat(run).isNotSameAs(next);
        assertThat(CancelContext.currentOrNull()).isNull();
    }
}
