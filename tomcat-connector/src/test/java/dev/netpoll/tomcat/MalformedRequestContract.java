// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import jakarta.servlet.http.HttpServletRequest;

import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What is not HTTP, or not quite, and what the server says to it: the first line it sends, and after it the end of the
 * connection by FIN. Parsing is Tomcat's own, so the answers must be Tomcat's own, to the byte.
 */
abstract class MalformedRequestContract extends ServerContract {
    private static final String BAD_REQUEST = "HTTP/1.1 400 ";

    private static final String NOTHING = "";

    @Test
    void malformedRequestLinesAreRefused() throws Exception {
        check(requestLines());
    }

    /** In a table of its own: Tomcat's processors remember the version until they have parsed another one. */
    @Test
    void http09GetsABodyAndNothingElse() throws Exception {
        check(Map.of("GET /hello\r\n\r\n", "hello"));
    }

    @Test
    void malformedHeadersAreRefused() throws Exception {
        check(headers());
    }

    @Test
    void malformedFramingIsRefused() throws Exception {
        check(framing());
    }

    @Test
    void headsThatAreTooLargeAreRefused() throws Exception {
        Map<String, String> table = new LinkedHashMap<>();
        table.put("GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put(
                "GET /hello HTTP/1.1\r\nHost: x\r\nA: " + "b".repeat(9000) + "\r\n\r\n",
                BAD_REQUEST);
        table.put(
                "GET /hello HTTP/1.1\r\nHost: x\r\n" + "A: b\r\n".repeat(101) + "\r\n",
                BAD_REQUEST);
        check(table);
    }

    @Test
    void theLimitOfTheHeadCanBeMoved() throws Exception {
        String large = "X-Large: " + "b".repeat(20_000);
        TestServer server = helloServer().property("maxHttpRequestHeaderSize", 32 * 1024).start();

        RawClient client = server.connect();
        for (int i = 0; i < 3; i++) {
            assertThat(client.get("/hello", large).receive().text()).isEqualTo("hello");
        }
        assertThat(client.get("/hello", large, large).receive().status()).isEqualTo(400);
    }

    @Test
    void whatIsOddButAllowedIsServed() throws Exception {
        TestServer server = helloServer().start();
        RawClient client = server.connect();
        String[] requests = {
            "GET  /hello  HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET\t/hello\tHTTP/1.1\r\nHost: x\r\n\r\n",
            "GET http://x/hello HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /hello HTTP/1.1\nHost: x\n\n",
            "GET /hello HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n",
            "GET /hello HTTP/1.1\r\nhOST:x\r\n\r\n",
            "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /./x/../hello HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /%68ello HTTP/1.1\r\nHost: x\r\n\r\n",
        };

        SoftAssertions softly = new SoftAssertions();
        for (String request : requests) {
            softly.assertThat(client.send(request).receive().text()).as(request).isEqualTo("hello");
        }
        softly.assertAll();
    }

    /** Neither active, nor ended, nor asked how long it may take: the application never heard of it. */
    @Test
    void whatIsRefusedHasNoContext() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        RequestContexts contexts =
                new RequestContexts(
                        RequestSettings.defaults()
                                .withDeadlines(
                                        request -> {
                                            asked.incrementAndGet();
                                            return Duration.ZERO;
                                        }));
        TestServer server =
                plainErrors(helloServer()).context(ContextValveTest.first(contexts)).start();

        assertThat(answer(server, "GET /a|b HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith(BAD_REQUEST);
        assertThat(answer(server, "CONNECT /<x> HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 501 ");
        assertThat(answer(server, "GET http://x/% HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith(BAD_REQUEST);

        assertThat(asked).hasValue(0);
        assertThat(contexts.active()).isZero();
        assertThat(contexts.ended().values()).containsOnly(0L);
    }

    private static Map<String, String> requestLines() {
        Map<String, String> table = new LinkedHashMap<>();
        table.put("GET\r\n\r\n", BAD_REQUEST);
        table.put(" GET /hello HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("G{T /hello HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET / a HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /<x> HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /\u00e4 HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET\t\r/aaa HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("HEAD /{x} HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("CONNECT /<x> HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 ");
        table.put("GET /a|b HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /% HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET http://x/% HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET * HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 505 ");
        table.put("GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 ");
        table.put("GET /hello HTTP/1.2\r\nHost: x\r\n\r\n", "HTTP/1.1 505 ");
        table.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NOTHING);
        table.put("GET /hello http/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello HTTP/1.1x\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello FTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello HTTP/1.1\rHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello?a=<b> HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello#f HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello\\x HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET hello HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 ");
        // A TLS client at a plain port.
        table.put(
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"
                        + "x".repeat(200),
                BAD_REQUEST);
        return table;
    }

    private static Map<String, String> headers() {
        Map<String, String> table = new LinkedHashMap<>();
        String start = "GET /hello HTTP/1.1\r\n";
        table.put(start + "\r\n", BAD_REQUEST);
        table.put(start + "Host: a\r\nHost: b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: a b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: [::1\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x:port\r\n\r\n", BAD_REQUEST);
        table.put("GET http://y/hello HTTP/1.1\r\nHost: x\r\n\r\n", BAD_REQUEST);
        table.put("GET /hello HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nNoColon\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\n: b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nA : b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nA\0: b\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nA: b\0c\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nA: b\rc\r\n\r\n", BAD_REQUEST);
        table.put(start + " Host: x\r\n\r\n", BAD_REQUEST);
        table.put(start + "Host: x\r\nExpect: x\r\n\r\n", "HTTP/1.1 417 ");
        return table;
    }

    private static Map<String, String> framing() {
        Map<String, String> table = new LinkedHashMap<>();
        String start = "POST /read HTTP/1.1\r\nHost: x\r\n";
        table.put(start + "Content-Length: abc\r\n\r\n", BAD_REQUEST);
        table.put(start + "Content-Length: -1\r\n\r\n", BAD_REQUEST);
        table.put(start + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", BAD_REQUEST);
        table.put(start + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", BAD_REQUEST);
        table.put(start + "Content-Length: 99999999999999999999\r\n\r\nhello", BAD_REQUEST);
        table.put(start + "Transfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501 ");
        table.put(start + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", BAD_REQUEST);
        table.put(
                start
                        + "Transfer-Encoding: chunked\r\n"
                        + "Transfer-Encoding: identity\r\n\r\n"
                        + "0\r\n\r\n",
                BAD_REQUEST);
        // Both framings: the chunks count, and the connection ends, lest a proxy before it counted
        // differently.
        table.put(
                start + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 ");
        String chunked = start + "Transfer-Encoding: chunked\r\n\r\n";
        table.put(chunked + "xyz\r\n\r\n", BAD_REQUEST);
        table.put(chunked + "-1\r\n\r\n", BAD_REQUEST);
        table.put(chunked + "ffffffffff\r\n\r\n", BAD_REQUEST);
        table.put(chunked + "3\r\nabcd\r\n0\r\n\r\n", BAD_REQUEST);
        return table;
    }

    /** With contexts and without, and whatever the deadlines follow from. */
    private void check(Map<String, String> table) throws Exception {
        check(table, helloServer());
        check(table, RequestSettings.defaults());
        check(table, RequestSettings.defaults().withDeadlines(MalformedRequestContract::byPath));
    }

    private void check(Map<String, String> table, RequestSettings settings) throws Exception {
        RequestContexts contexts = new RequestContexts(settings);
        check(table, helloServer().context(ContextValveTest.first(contexts)));
        Bounded.until(() -> contexts.active() == 0, () -> contexts.active() + " active");
    }

    /** Assumes, as a policy may, that there is a path and a method. */
    private static @Nullable Duration byPath(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/slow") && request.getMethod().equals("GET")
                ? Duration.ofSeconds(1)
                : null;
    }

    private void check(Map<String, String> table, TestServer.Builder builder) throws Exception {
        TestServer server = plainErrors(builder).start();
        try (TestServer reference =
                plainErrors(
                                TestServer.on("org.apache.coyote.http11.Http11NioProtocol")
                                        .handle(
                                                "/hello",
                                                (request, response) -> text(response, "hello")))
                        .start()) {
            SoftAssertions softly = new SoftAssertions();
            for (Map.Entry<String, String> row : table.entrySet()) {
                String answer = answer(server, row.getKey());
                String firstLine = answer.lines().findFirst().orElse("");
                softly.assertThat(firstLine).as(row.getKey()).isEqualTo(row.getValue());
                softly.assertThat(answer)
                        .as(row.getKey())
                        .isEqualTo(answer(reference, row.getKey()));
            }
            softly.assertAll();
        }
    }

    /** Everything the server sends until it closes, which it must; without the date. */
    private static String answer(TestServer server, String request) throws IOException {
        RawClient client = server.connect().send(request);
        byte[] wire = client.in().readAllBytes();
        client.close();
        return new String(wire, StandardCharsets.ISO_8859_1).replaceFirst("\r\nDate: [^\r]*", "");
    }

    /** Error pages without stack traces, which name the connector's classes. */
    private static TestServer.Builder plainErrors(TestServer.Builder server) {
        return server.handle(
                        "/read",
                        (request, response) -> {
                            request.getInputStream().readAllBytes();
                            text(response, "read");
                        })
                .context(
                        context -> {
                            ErrorReportValve valve = new ErrorReportValve();
                            valve.setShowReport(false);
                            ((StandardHost) context.getParent()).getPipeline().addValve(valve);
                        });
    }
}
