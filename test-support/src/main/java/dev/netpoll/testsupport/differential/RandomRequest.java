// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.List;

/** Writes one request, well-formed or not. The text has one character for each byte. One thread. */
final class RandomRequest {

    private static final List<String> METHODS =
            List.of(
                    "GET",
                    "GET",
                    "GET",
                    "HEAD",
                    "POST",
                    "POST",
                    "POST",
                    "PUT",
                    "DELETE",
                    "OPTIONS",
                    "TRACE",
                    "CONNECT",
                    "PATCH",
                    "PRI",
                    "get",
                    "G{T",
                    "",
                    "GET\t",
                    "BREW",
                    "M".repeat(300));

    private static final List<String> PATHS =
            List.of("/echo", "/echo", "/ignore", "/slow", "/early", "/params", "/async", "/late");

    private static final List<String> TARGETS =
            List.of(
                    "*",
                    "/",
                    "",
                    "/nowhere",
                    "x:80",
                    "/echo?",
                    "/echo?a=b&c=%64&e",
                    "/echo;a=b",
                    "/echo;jsessionid=1/x",
                    "http://x/echo",
                    "http://y/echo",
                    "http://x",
                    "http://u@x/echo",
                    "https://x/echo",
                    "HTTP://x:80/echo",
                    "http:///echo",
                    "http://x/%",
                    "/%",
                    "/%zz",
                    "/%00",
                    "/%2e%2e/x",
                    "/a%2fb",
                    "/a%5cb",
                    "/./echo",
                    "/x/../echo",
                    "/../echo",
                    "//echo",
                    "/echo/",
                    "/echo#f",
                    "/echo?<",
                    "/{x}",
                    "/a|b",
                    "/\\echo",
                    "/%c3%28",
                    "/%ff",
                    "/\u00e4",
                    "/\u00c3\u00a4",
                    "/ec\0ho",
                    "/echo?\u00ff",
                    "/echo?a=%zz",
                    "echo",
                    "/echo;a=%zz",
                    "/echo;a=%",
                    "ws://x/echo",
                    "/" + "a".repeat(9000),
                    "/params?a=1&a=2&%zz=3&=4&b=%c3%28");

    private static final List<String> VERSIONS =
            List.of(
                    "HTTP/1.0",
                    "HTTP/1.1x",
                    "HTTP/2.0",
                    "HTTP/1.2",
                    "HTTP/0.9",
                    "HTTP/9",
                    "http/1.1",
                    "HTTP/1.1 ",
                    "HTTP",
                    "",
                    "FTP/1.1",
                    "HTTP/11.1");

    private static final List<String> HOSTS =
            List.of(
                    "",
                    "Host: x\r\nHost: x\r\n",
                    "Host: x\r\nHost: y\r\n",
                    "Host:\r\n",
                    "Host: \r\n",
                    "Host: x y\r\n",
                    "Host: [::1]:80\r\n",
                    "Host: [::1\r\n",
                    "Host: x:port\r\n",
                    "Host: x:99999\r\n",
                    "Host: x:\r\n",
                    "host:x\r\n",
                    "Host : x\r\n",
                    "Host: u@x\r\n",
                    "Host: \u00e4\r\n",
                    "Host: x\0\r\n",
                    "Host: 127.0.0.1:8080\r\n",
                    " Host: x\r\n");

    private static final List<String> ODD_HEADERS =
            List.of(
                    "A: b\r\n c\r\n",
                    "A: b\r\n\tc\r\n\r\n",
                    "A: b\nC: d\r\n",
                    "A: b\rC: d\r\n",
                    "A\r\n",
                    ": b\r\n",
                    "A : b\r\n",
                    "A\t: b\r\n",
                    "A: b\0c\r\n",
                    "A\0: b\r\n",
                    "A: \u00ff\r\n",
                    "A: \u00c3\u00a4\r\n",
                    "\u00e4: b\r\n",
                    "A:\r\n",
                    "A:b\r\n",
                    "A: b \t \r\n",
                    "A(: b\r\n",
                    "A: " + "b".repeat(8200) + "\r\n",
                    "A: b\r\n".repeat(101),
                    "A: b\r\n".repeat(20),
                    "Cookie: a=b; c=\"d\r\n",
                    "Cookie: $Version=1; a\r\n",
                    "Cookie: \u00ff=b;;;\r\n",
                    "Accept-Encoding: gzip\r\n",
                    "Range: bytes=0-0\r\n",
                    "Upgrade: h2c\r\n",
                    "Upgrade: websocket\r\nConnection: upgrade\r\n",
                    "If-None-Match: *\r\n",
                    "Content-Type: text/plain; charset=nonsense\r\n",
                    "TE: trailers\r\n",
                    "Content-Encoding: gzip\r\n",
                    "Trailer: X\r\n",
                    "Authorization: Basic !!\r\n",
                    "grpc-timeout: -1m\r\n",
                    "x-request-timeout-ms: abc\r\n",
                    "Forwarded: for=x\r\n",
                    "X-Forwarded-For: 1.2.3.4\r\n",
                    "Origin: null\r\n",
                    "\u007f: b\r\n",
                    "A: b\u000b\r\n");

    private static final List<String> CONNECTIONS =
            List.of(
                    "close",
                    "keep-alive",
                    "Close",
                    "close, keep-alive",
                    "keep-alive, close",
                    "x, close",
                    "keep-alive,,x",
                    "upgrade",
                    "\"close\"",
                    "close\r\nConnection: keep-alive",
                    "",
                    "closed",
                    "keep-alive; x");

    private static final List<String> EXPECTATIONS =
            List.of(
                    "100-continue",
                    "100-continue",
                    "100-Continue",
                    "x",
                    "",
                    "100-continue, x",
                    "100");

    private final Dice dice;
    private final boolean odd;
    private final StringBuilder text = new StringBuilder();

    /**
     * @param odd whether parts that no client should send may be among it; if not, the request is whole and its
     *     framing beyond doubt
     */
    RandomRequest(Dice dice, boolean odd) {
        this.dice = dice;
        this.odd = odd;
    }

    String write() {
        if (odd && dice.percent(3)) {
            return dice.of(
                    "GET /echo\r\n", "GET /echo\r\n\r\n", "GET\r\n\r\n", "\r\n", "\n\n", "\0");
        }
        String method = odd ? dice.of(METHODS) : dice.of("GET", "POST", "PUT", "HEAD", "PATCH");
        boolean old = !odd && dice.percent(8);
        line(method, old);
        host();
        connection(old);
        headers();
        if (method.equals("POST") || method.equals("PUT") || method.equals("PATCH") || rarely()) {
            body(old);
        } else {
            text.append("\r\n");
        }
        return text.toString();
    }

    private boolean rarely() {
        return odd && dice.percent(8);
    }

    private void line(String method, boolean old) {
        String target = odd && dice.percent(35) ? dice.of(TARGETS) : dice.of(PATHS);
        String version = old ? "HTTP/1.0" : rarely() ? dice.of(VERSIONS) : "HTTP/1.1";
        if (rarely()) {
            text.append(dice.of("\r\n", "\n", "\r\n\r\n", "\r", " ", "\0"));
        }
        text.append(method)
                .append(rarely() ? dice.of("  ", "\t", "", " \t", "\u000b") : " ")
                .append(target)
                .append(rarely() ? dice.of("  ", "\t", "", " x ", "\f") : " ")
                .append(version)
                .append(rarely() ? dice.of("\n", "\r", "\r\r\n", " \r\n") : "\r\n");
    }

    private void host() {
        text.append(odd && dice.percent(15) ? dice.of(HOSTS) : "Host: x\r\n");
    }

    private void connection(boolean old) {
        if (old) {
            text.append("Connection: keep-alive\r\n");
        } else if (odd && dice.percent(15)) {
            text.append("Connection: ").append(dice.of(CONNECTIONS)).append("\r\n");
        }
    }

    private void headers() {
        int count = dice.below(3);
        for (int i = 0; i < count; i++) {
            text.append("X-")
                    .append(i)
                    .append(": ")
                    .append("v".repeat(dice.below(40)))
                    .append("\r\n");
        }
        if (odd && dice.percent(25)) {
            text.append(dice.of(ODD_HEADERS));
        }
    }

    private void body(boolean old) {
        if (dice.percent(10)) {
            text.append("Content-Type: application/x-www-form-urlencoded\r\n");
        }
        if (odd && dice.percent(12)) {
            text.append("Expect: ").append(dice.of(EXPECTATIONS)).append("\r\n");
        }
        RandomBody body = new RandomBody(dice, odd);
        if (!old && dice.percent(50)) {
            body.chunkedTo(text);
        } else {
            body.sizedTo(text);
        }
    }
}
