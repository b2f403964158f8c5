// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** What uses java.net.Socket, with all of them on the engine. Run by {@link JvmSocketsTest}. */
@Timeout(120)
class JvmSocketsUse {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private NetpollEngine engine;
    private AutoCloseable use;
    private ServerSocket server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerSocket(0, 5, LOOPBACK);
        engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));
        use = NetpollSocketFactory.useForAllSockets();
    }

    @AfterEach
    void stop() throws Exception {
        use.close();
        engine.release();
        server.close();
        assertThat(SharedEngines.areThere()).isFalse();
        assertIsTheJdks(new Socket());
    }

    private boolean isOnTheEngine(Socket connected) {
        return engine.outbound().keySet().stream()
                .anyMatch(c -> connected.getLocalSocketAddress().equals(c.localAddress()));
    }

    private void assertIsTheJdks(Socket connected) throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, LOOPBACK);
                Socket socket = connected) {
            if (!socket.isConnected()) {
                socket.connect(any.getLocalSocketAddress());
            }
            assertThat(isOnTheEngine(socket)).isFalse();
        }
    }

    /** Bytes go to and from {@code client}, whose peer is {@code accepted}. */
    private static void assertTalks(Socket client, Socket accepted) throws IOException {
        client.getOutputStream().write("ping".getBytes(StandardCharsets.US_ASCII));
        assertThat(accepted.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
        accepted.getOutputStream().write("pong".getBytes(StandardCharsets.US_ASCII));
        assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("pong");
    }

    @Test
    void aPlainSocketIs() throws Exception {
        try (Socket socket = new Socket("localhost", server.getLocalPort());
                Socket accepted = server.accept()) {
            assertThat(isOnTheEngine(socket)).isTrue();
            assertTalks(socket, accepted);
        }
    }

    @Test
    void whatAServerSocketAcceptsIsTheJdks() throws Exception {
        try (Socket socket = new Socket("localhost", server.getLocalPort());
                Socket accepted = server.accept()) {
            assertThat(isOnTheEngine(accepted)).isFalse();
            assertTalks(accepted, socket);
        }
    }

    /** As old server frameworks do it. */
    @Test
    void aServerSocketOfOnesOwnAcceptsIntoASocketOfOnesOwn() throws Exception {
        class Own extends Socket {}
        class OwnServer extends ServerSocket {
            OwnServer() throws IOException {
                super(0, 5, LOOPBACK);
            }

            @Override
            public Socket accept() throws IOException {
                Socket own = new Own();
                implAccept(own);
                return own;
            }
        }
        try (OwnServer own = new OwnServer();
                Socket socket = new Socket(LOOPBACK, own.getLocalPort());
                Socket accepted = own.accept()) {
            assertThat(accepted).isInstanceOf(Own.class);
            assertTalks(socket, accepted);
        }
    }

    @Test
    void aSocketThatIsToldToUseNoProxyIs() throws Exception {
        try (Socket socket = new Socket(Proxy.NO_PROXY)) {
            socket.connect(server.getLocalSocketAddress());
            assertThat(isOnTheEngine(socket)).isTrue();
        }
    }

    /** The proxy is asked in SOCKS 5: version, one method, none. */
    @Test
    void aSocketBehindAProxyIsTheJdks() throws Exception {
        Proxy socks = new Proxy(Proxy.Type.SOCKS, server.getLocalSocketAddress());
        assertAsksTheProxy(() -> new Socket(socks));
    }

    @Test
    void soIsEverySocketBehindTheProxyOfTheJvm() throws Exception {
        System.setProperty("socksProxyHost", LOOPBACK.getHostAddress());
        System.setProperty("socksProxyPort", String.valueOf(server.getLocalPort()));
        System.setProperty("socksNonProxyHosts", "none");
        try {
            assertAsksTheProxy(Socket::new);
        } finally {
            System.clearProperty("socksProxyHost");
            System.clearProperty("socksProxyPort");
            System.clearProperty("socksNonProxyHosts");
        }
    }

    private void assertAsksTheProxy(OutboundSocketContract.Sockets sockets) throws Exception {
        try (Socket socket = sockets.create()) {
            CompletableFuture<Object> connected =
                    Bounded.background(
                            () -> {
                                socket.connect(new InetSocketAddress("192.0.2.1", 7));
                                return true;
                            });
            try (Socket atProxy = server.accept()) {
                assertThat(atProxy.getInputStream().read()).isEqualTo(5);
            }
            assertThat(Bounded.background(connected::get)).failsWithin(Bounded.PATIENCE);
        }
    }

    @Test
    void httpUrlConnectionsAre() throws Exception {
        FutureTask<String> call = get("one");
        try (Socket accepted = server.accept()) {
            Bounded.until(
                    "the engine knows what it waits for",
                    () ->
                            engine.outbound().keySet().stream()
                                    .anyMatch(c -> c.waiter() != null && c.waiting() != null));
            answer(accepted);
            assertThat(Bounded.value(call)).isEqualTo("ok");
        }
    }

    private FutureTask<String> get(String path) {
        FutureTask<String> call = new FutureTask<>(() -> getNow(path));
        engine.fork("call", call);
        return call;
    }

    private String getNow(String path) throws IOException {
        URI uri = URI.create("http://localhost:" + server.getLocalPort() + "/" + path);
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private static void answer(Socket accepted) throws IOException {
        InputStream in = accepted.getInputStream();
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            head.append((char) in.read());
        }
        accepted.getOutputStream()
                .write(
                        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                                .getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void tlsIsOnBothSides(@TempDir Path folder) throws Exception {
        SSLContext tls = tls(folder);
        try (SSLServerSocket tlsServer =
                        (SSLServerSocket)
                                tls.getServerSocketFactory().createServerSocket(0, 5, LOOPBACK);
                SSLSocket client =
                        (SSLSocket)
                                tls.getSocketFactory()
                                        .createSocket("localhost", tlsServer.getLocalPort());
                Socket accepted = tlsServer.accept()) {
            assertThat(isOnTheEngine(client)).isTrue();
            CompletableFuture<Object> handshake =
                    Bounded.background(
                            () -> {
                                client.startHandshake();
                                return true;
                            });
            ((SSLSocket) accepted).startHandshake();
            Bounded.value(handshake);
            assertTalks(client, accepted);
        }
    }

    private static SSLContext tls(Path folder) throws Exception {
        String store = folder.resolve("localhost.p12").toString();
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-keystore",
                                store,
                                "-storepass",
                                "changeit")
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(Path.of(store).toFile(), "changeit".toCharArray());
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "changeit".toCharArray());
        var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    @Test
    void whenNobodyAsksAnyMoreNewSocketsAreTheJdks() throws Exception {
        AutoCloseable second = NetpollSocketFactory.useForAllSockets();
        second.close();
        second.close();
        try (Socket socket = new Socket(LOOPBACK, server.getLocalPort())) {
            assertThat(isOnTheEngine(socket)).as("asked for once still").isTrue();
        }
        use.close();
        assertIsTheJdks(new Socket(LOOPBACK, server.getLocalPort()));
    }

    /** An application that stops cuts off nothing that outlives it, and the next one finds the engine. */
    @Test
    void aSocketKeepsItsEngineWhenTheLastUserHasGone() throws Exception {
        NetpollEngine before = engine;
        try (Socket socket = new Socket(LOOPBACK, server.getLocalPort());
                Socket accepted = server.accept()) {
            engine.release();
            assertIsTheJdks(new Socket(LOOPBACK, server.getLocalPort()));
            server.accept().close();
            assertTalks(socket, accepted);

            engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));
            assertThat(engine).isSameAs(before);
            assertTalks(socket, accepted);
            engine.release();
        }
        Bounded.until("its carriers have ended", JvmSocketsUse::noLoopRuns);
        engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));
        assertThat(engine).isNotSameAs(before);
    }

    private static boolean noLoopRuns() {
        return Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("netpoll-"));
    }

    /** A connection that HttpURLConnection keeps for later goes on in the next application. */
    @Test
    void aConnectionKeptAliveOutlivesARestart() throws Exception {
        FutureTask<String> first = get("first");
        try (Socket accepted = server.accept()) {
            answer(accepted);
            assertThat(Bounded.value(first)).isEqualTo("ok");
            engine.release();
            engine = NetpollEngine.acquire(EngineConfig.defaults().withLoops(2));

            FutureTask<String> second = get("second");
            answer(accepted);

            assertThat(Bounded.value(second)).isEqualTo("ok");
        }
    }
}
