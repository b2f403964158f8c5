// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Handlers that do anything with a response, in any order, leave the same bytes on the wire as on Tomcat's NIO
 * connector, and see the same: what throws, what is committed, how large the buffer is. Seeded; another seed by
 * {@code -Dnetpoll.scripts.seed=7}, more of them by {@code -Dnetpoll.scripts=20000}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResponseScriptsTest {

    private static final int SCRIPTS = Integer.getInteger("netpoll.scripts", 2_500);
    private static final int SEED = Integer.getInteger("netpoll.scripts.seed", 12) * 1_000_000;

    private static final String NIO = "org.apache.coyote.http11.Http11NioProtocol";

    private static final LogRecorder LOG = new LogRecorder();

    private final Map<String, String> seen = new ConcurrentHashMap<>();
    private TestServer nio;
    private TestServer ours;

    @BeforeAll
    void start() throws Exception {
        LOG.install();
        LOG.expect(record -> true); // what a script throws, Tomcat logs
        nio = start(NIO);
        ours = start(NetpollHttp11Protocol.class.getName());
    }

    @AfterAll
    void stop() throws Exception {
        nio.close();
        ours.close();
        LOG.uninstall();
    }

    private TestServer start(String protocol) throws Exception {
        return TestServer.on(protocol)
                .handle(
                        "/script",
                        (request, response) -> {
                            String key = request.getQueryString();
                            ResponseScript script =
                                    new ResponseScript(Integer.parseInt(key.split("-", -1)[0]));
                            try {
                                script.run(response);
                            } finally {
                                seen.put(key, script.seen());
                            }
                        })
                .start();
    }

    @Test
    void anyScriptIsAnsweredAsByNio() throws Exception {
        for (int seed = SEED; seed < SEED + SCRIPTS; seed++) {
            String expected = answer(nio, seed + "-nio");
            String answered = answer(ours, seed + "-ours");
            assertThat(answered)
                    .as("seed %s: %s", seed, seen.get(seed + "-nio"))
                    .isEqualTo(expected);
            assertThat(seen.get(seed + "-ours")).isEqualTo(seen.get(seed + "-nio"));
        }
    }

    private String answer(TestServer server, String key) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            String request = RawClient.text("GET", "/script?" + key, "Connection: close");
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            byte[] bytes = socket.getInputStream().readAllBytes();
            Bounded.until(() -> seen.containsKey(key), () -> key + " has not ended");
            return Objects.requireNonNull(new String(bytes, StandardCharsets.ISO_8859_1))
                    .replaceFirst("Date: [^\r]*\r\n", "")
                    .replace(":" + nio.port(), ":port")
                    .replace(":" + ours.port(), ":port");
        }
    }
}
