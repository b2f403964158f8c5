// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;

/** Everything at once, on many connections, each answer checked. */
abstract class MixedTrafficContract extends ServerContract {
    private static final int CLIENTS = 16;
    private static final int REQUESTS = 60;
    private static final int FILE_SIZE = 300_000;

    @TempDir private Path directory;

    @Test
    void manyClientsWithAllKindsOfRequestsGetTheirOwnAnswers() throws Exception {
        TestServer server = mixedServer().start();
        List<CompletableFuture<Integer>> crowd = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            long seed = i;
            crowd.add(Bounded.background(() -> visit(server, new Random(seed))));
        }

        for (CompletableFuture<Integer> client : crowd) {
            assertThat(Bounded.value(client)).isEqualTo(REQUESTS);
        }
    }

    @Test
    void clientsThatVanishAmongOthersDisturbNobody() throws Exception {
        TestServer server = mixedServer().start();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> vanishing =
                Bounded.background(
                        () -> {
                            for (int i = 0; !done.get(); i++) {
                                RawClient client =
                                        server.client()
                                                .get(i % 2 == 0 ? "/file.bin" : "/write?n=300000");
                                if (i % 3 == 0) {
                                    client.close();
                                } else {
                                    client.reset();
                                }
                            }
                            return null;
                        });
        List<CompletableFuture<Integer>> crowd = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long seed = i;
            crowd.add(Bounded.background(() -> visit(server, new Random(seed))));
        }

        for (CompletableFuture<Integer> client : crowd) {
            assertThat(Bounded.value(client)).isEqualTo(REQUESTS);
        }
        done.set(true);
        Bounded.value(vanishing);
    }

    @Test
    void aThousandIdleConnectionsAllWakeUpAgain() throws Exception {
        TestServer server = mixedServer().start();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            RawClient client = server.connect().get("/write?n=10");
            assertThat(client.receive().body()).hasSize(10);
            clients.add(client);
        }
        Bounded.until(() -> connections(server) == 1000, () -> connections(server));

        for (RawClient client : clients) {
            client.get("/write?n=20");
        }
        for (RawClient client : clients) {
            assertThat(client.receive().body()).hasSize(20);
        }
    }

    @Test
    void aServerThatStopsUnderLoadLeavesNothingBehind() throws Exception {
        log().expect(MixedTrafficContract::isOfAStoppingContainer);
        TestServer server = mixedServer().start();
        AtomicInteger answers = new AtomicInteger();
        List<CompletableFuture<Void>> crowd = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            crowd.add(Bounded.background(() -> visitUntilItEnds(server, answers)));
        }
        Bounded.until(() -> answers.get() > 100, answers::get);

        server.stop();

        for (CompletableFuture<Void> client : crowd) {
            Bounded.value(client);
        }
    }

    private TestServer.Builder mixedServer() throws IOException {
        Files.write(directory.resolve("file.bin"), Payload.bytes(FILE_SIZE));
        return server().files(directory)
                .property("maxKeepAliveRequests", -1)
                .handle(
                        "/write",
                        (request, response) ->
                                Payload.write(response.getOutputStream(), size(request)))
                .handle("/read", ServerContract::answerDigest)
                .handle(
                        "/async",
                        (request, response) ->
                                AsyncWork.later(
                                        request,
                                        context -> {
                                            AsyncWork.write(
                                                    context, "async " + request.getParameter("n"));
                                            context.complete();
                                        }))
                .handle("/read-listener", MixedTrafficContract::readWithoutBlocking)
                .handle("/write-listener", MixedTrafficContract::writeWithoutBlocking);
    }

    private static int visit(TestServer server, Random random) throws IOException {
        int answered = 0;
        RawClient client = server.client();
        try {
            while (answered < REQUESTS) {
                if (random.nextInt(10) == 0) {
                    client.close();
                    client = server.client();
                }
                ask(client, random);
                answered++;
            }
        } finally {
            client.close();
        }
        return answered;
    }

    private static void ask(RawClient client, Random random) throws IOException {
        int n = random.nextInt(1, 200_000);
        switch (random.nextInt(7)) {
            case 0 -> expectPayload(client.get("/write?n=" + n), n);
            case 1 -> expectPayload(client.get("/write-listener?n=" + n), n);
            case 2 -> expectPayload(client.get("/file.bin"), FILE_SIZE);
            case 3 ->
                    expectDigest(
                            client.request("POST", "/read", "Content-Length: " + n)
                                    .send(Payload.bytes(n)),
                            n);
            case 4 ->
                    expectDigest(
                            client.request("POST", "/read-listener", "Content-Length: " + n)
                                    .send(Payload.bytes(n)),
                            n);
            case 5 ->
                    expectDigest(
                            client.request("POST", "/read", "Transfer-Encoding: chunked")
                                    .chunk(Payload.bytes(n))
                                    .lastChunk(),
                            n);
            default ->
                    assertThat(client.get("/async?n=" + n).receive().text())
                            .isEqualTo("async " + n);
        }
    }

    private static void expectPayload(RawClient client, int n) throws IOException {
        byte[] body = client.receive().body();
        assertThat(body.length).isEqualTo(n);
        assertThat(Payload.checksum(body)).isEqualTo(Payload.checksum(n));
    }

    private static void expectDigest(RawClient client, int n) throws IOException {
        assertThat(client.receive().text()).isEqualTo(Payload.digest(n).toString());
    }

    /**
     * Catalina stops its containers before its connectors, on any connector: a request on a connection that is kept
     * alive meets a context without its servlets, or none at all, and is refused (400, 404, 503; 500 by a race of its own).
     */
    private static Void visitUntilItEnds(TestServer server, AtomicInteger answers) {
        try (RawClient client = server.client()) {
            RawResponse response = client.get("/write?n=1000").receive();
            while (response.status() == 200) {
                assertThat(Payload.checksum(response.body())).isEqualTo(Payload.checksum(1000));
                answers.incrementAndGet();
                response = client.get("/write?n=1000").receive();
            }
            assertThat(response.status()).isIn(400, 404, 500, 503);
            return null;
        } catch (IOException serverStopped) {
            return null;
        }
    }

    /** Seen on NIO: a request that finds its servlet taken away is a NullPointerException of Catalina's valves. */
    private static boolean isOfAStoppingContainer(LogRecord told) {
        return told.getLoggerName().startsWith("org.apache.catalina.core.ContainerBase");
    }

    private static long size(HttpServletRequest request) {
        return Long.parseLong(request.getParameter("n"));
    }

    private static void readWithoutBlocking(
            HttpServletRequest request, HttpServletResponse response) throws IOException {
        AsyncContext context = request.startAsync();
        BodyReader reader =
                new BodyReader(
                        request.getInputStream(),
                        digest -> {
                            AsyncWork.write(context, digest.toString());
                            context.complete();
                        });
        request.getInputStream().setReadListener(reader);
    }

    private static void writeWithoutBlocking(
            HttpServletRequest request, HttpServletResponse response) throws IOException {
        AsyncContext context = request.startAsync();
        response.getOutputStream()
                .setWriteListener(
                        new BodyWriter(
                                response.getOutputStream(), size(request), context::complete));
    }
}
