// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardContext;
import org.apache.coyote.ProtocolHandler;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

import javax.management.JMException;
import javax.management.ObjectName;

/** Starting, pausing, stopping, and what happens to those who are connected meanwhile. */
abstract class LifecycleContract extends ServerContract {

    @Test
    void aPausedServerTakesNewConnectionsOnlyAfterResume() throws Exception {
        TestServer server = helloServer().start();
        assertThat(server.get("/hello").text()).isEqualTo("hello");

        for (int i = 0; i < 30; i++) {
            server.connector().pause();
            CompletableFuture<RawResponse> answer = server.connect().ask("/hello");
            assertThat(answer).isNotDone();
            server.connector().resume();

            assertThat(Bounded.value(answer).text()).isEqualTo("hello");
        }
    }

    @Test
    void anIdleConnectionThatAsksAPausedServerIsClosed() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect().get("/hello");
        client.receive();

        server.connector().pause();
        client.get("/hello");

        assertThat(client.awaitEnd().rest()).isZero();
        server.connector().resume();
        assertThat(server.get("/hello").text()).isEqualTo("hello");
    }

    @Test
    void pauseAndResumeMayFollowEachOtherQuickly() throws Exception {
        TestServer server = helloServer().start();

        for (int i = 0; i < 20; i++) {
            server.connector().pause();
            server.connector().resume();
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }
    }

    @Test
    void aRequestInFlightEndsWellAfterAPause() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestServer server = workServer(working, done).start();
        RawClient client = server.connect().get("/work");
        Bounded.await(working);

        server.connector().pause();
        done.countDown();

        assertThat(client.receive().text()).isEqualTo("worked");
        server.connector().resume();
    }

    @Test
    void aGracefulStopAnswersWhatIsInFlightAndRefusesTheRest() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestServer server = workServer(working, done).property("bindOnInit", false).start();
        RawClient inFlight = server.connect().get("/work");
        RawClient idle = server.connect().get("/hello");
        idle.receive();
        Bounded.await(working);

        // What Spring Boot does on a graceful shutdown.
        server.connector().pause();
        server.protocol().closeServerSocketGraceful();
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", inFlight.remotePort());
        assertThatThrownBy(() -> RawClient.tcp(address)).isInstanceOf(ConnectException.class);
        done.countDown();

        RawResponse response = inFlight.receive();
        assertThat(response.text()).isEqualTo("worked");
        assertThat(inFlight.awaitEnd()).isEqualTo(RawClient.End.CLEAN);
        server.stop();
        idle.awaitEnd();
    }

    @Test
    void idleConnectionsEndWithTheServer() throws Exception {
        TestServer server = helloServer().start();
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(server.connect());
            if (i % 2 == 0) {
                assertThat(clients.getLast().get("/hello").receive().text()).isEqualTo("hello");
            }
        }

        server.stop();

        for (RawClient client : clients) {
            client.awaitEnd();
        }
    }

    @Test
    void halfARequestEndsWithTheServer() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect().send("GET /hello HTTP/1.1\r\nHost: ");

        server.stop();

        client.awaitEnd();
    }

    @Test
    void aStopDoesNotWaitForeverForARequestInFlight() throws Exception {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        TestServer server =
                workServer(working, done)
                        .handle(
                                "/stuck",
                                (request, response) -> workUntilInterrupted(working, done))
                        .start();
        RawClient client = server.connect().get("/stuck");
        Bounded.await(working);

        CompletableFuture<Boolean> stopped =
                Bounded.background(
                        () -> {
                            server.stop();
                            return true;
                        });

        assertThat(Bounded.value(stopped)).isTrue();
        done.countDown();
        client.awaitEnd();
    }

    @Test
    void theApplicationIsNotDestroyedUnderARequest() throws Exception {
        theApplicationIsNotDestroyedUnder((_, work) -> work.run());
    }

    @Test
    void theApplicationIsNotDestroyedUnderATaskOfAnAsynchronousRequest() throws Exception {
        theApplicationIsNotDestroyedUnder((request, work) -> request.startAsync().start(work));
    }

    /** Tomcat stops the application before its connectors, and destroys it after them. */
    private void theApplicationIsNotDestroyedUnder(BiConsumer<HttpServletRequest, Runnable> handler)
            throws Exception {
        var begun = new CountDownLatch(1);
        var serving = new AtomicBoolean();
        var atDestroy = new CompletableFuture<Boolean>();
        Runnable work =
                () -> {
                    serving.set(true);
                    begun.countDown();
                    endsSomeTimeAfterItsInterrupt();
                    serving.set(false);
                };
        TestServer server =
                helloServer()
                        .context(
                                context -> {
                                    ((StandardContext) context).setUnloadDelay(1);
                                    context.addLifecycleListener(
                                            event -> {
                                                if (event.getType()
                                                        .equals(Lifecycle.BEFORE_DESTROY_EVENT)) {
                                                    atDestroy.complete(serving.get());
                                                }
                                            });
                                })
                        .handle("/slow", (request, _) -> handler.accept(request, work))
                        .start();
        server.connect().get("/slow");
        Bounded.await(begun);

        server.stop();

        assertThat(Bounded.value(atDestroy)).as("a request is served").isFalse();
    }

    /** After as many turns of other threads as make it the last without a wait. */
    private static void endsSomeTimeAfterItsInterrupt() {
        Bounded.until(() -> Thread.currentThread().isInterrupted());
        for (int i = 0; i < 100_000; i++) {
            Thread.yield();
        }
    }

    @Test
    void fiftyStartsAndStopsLeaveNothingBehind() throws Exception {
        ProcessResources before = ProcessResources.now();
        Set<ObjectName> beansBefore = tomcatBeans();
        for (int i = 0; i < 50; i++) {
            TestServer server = helloServer().start();
            RawClient kept = server.connect();
            assertThat(kept.get("/hello").receive().text()).isEqualTo("hello");
            server.close();
        }

        Bounded.until(
                () -> ProcessResources.now().beyond(before).isEmpty(),
                () -> ProcessResources.now().beyond(before));
        assertThat(tomcatBeans()).isEqualTo(beansBefore);
    }

    private static Set<ObjectName> tomcatBeans() throws JMException {
        return ManagementFactory.getPlatformMBeanServer()
                .queryNames(new ObjectName("Tomcat:*"), null);
    }

    @Test
    void aConnectorMayBeStoppedAndStartedAgain() throws Exception {
        TestServer server = helloServer().start();

        for (int i = 0; i < 5; i++) {
            RawClient client = server.connect();
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            server.connector().stop();
            client.awaitEnd();
            server.connector().start();
            assertThat(server.get("/hello").text()).isEqualTo("hello");
        }
    }

    @Test
    void twoServersLiveSideBySide() throws Exception {
        TestServer one =
                server().handle("/name", (request, response) -> text(response, "one")).start();
        TestServer two =
                server().handle("/name", (request, response) -> text(response, "two")).start();

        for (int i = 0; i < 10; i++) {
            assertThat(one.get("/name").text()).isEqualTo("one");
            assertThat(two.get("/name").text()).isEqualTo("two");
        }
        one.close();

        assertThat(two.get("/name").text()).isEqualTo("two");
    }

    @Test
    void twoConnectorsMayServeOneTomcat() throws Exception {
        TestServer server =
                server().handle(
                                "/port",
                                (request, response) -> text(response, "" + request.getLocalPort()))
                        .start();
        Connector second = new Connector(subject().protocol());
        second.setProperty("address", "127.0.0.1");
        second.setPort(0);
        subject().tune(second);
        server.tomcat().getService().addConnector(second);

        try (RawClient client =
                server.client(new InetSocketAddress("127.0.0.1", second.getLocalPort()))) {
            assertThat(client.get("/port").receive().text()).isEqualTo("" + second.getLocalPort());
        }
        assertThat(server.get("/port").text()).isEqualTo("" + server.port());
        assertThat(second.getLocalPort()).isNotEqualTo(server.port());
    }

    @Test
    void aPortInUseFailsTheStartWithABindException() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            log().expect(record -> rootOf(record.getThrown()) instanceof BindException);
            TestServer.Builder builder =
                    helloServer().connector(connector -> connector.setPort(taken.getLocalPort()));

            assertThatThrownBy(builder::start)
                    .isInstanceOf(LifecycleException.class)
                    .hasRootCauseInstanceOf(BindException.class);
        }
    }

    @Test
    void theLocalPortIsKnownWhileTheServerRuns() throws Exception {
        TestServer server = helloServer().start();
        ProtocolHandler protocol = server.connector().getProtocolHandler();

        assertThat(server.port()).isBetween(1, 65_535);
        server.stop();

        assertThat(protocol).isNotNull();
        assertThat(server.connector().getLocalPort()).isNotPositive();
    }

    private TestServer.Builder workServer(CountDownLatch working, CountDownLatch done) {
        return helloServer()
                .context(context -> ((StandardContext) context).setUnloadDelay(100))
                .handle(
                        "/work",
                        (request, response) -> {
                            working.countDown();
                            Bounded.await(done);
                            text(response, "worked");
                        });
    }

    /** A connector may interrupt what it leaves behind, or not. */
    private static void workUntilInterrupted(CountDownLatch working, CountDownLatch done) {
        working.countDown();
        try {
            assertThat(done.await(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? new IOException("no failure logged") : root;
    }
}
