// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.Map;

/** How long a connection lives and what is pipelined on it: RFC 9112, 9, RFC 9110, 7.6.1. */
final class ConnectionVectors {

    private static final String START = "GET /echo HTTP/1.1\r\nHost: x\r\n";
    private static final String OLD = "GET /echo HTTP/1.0\r\nHost: x\r\n";
    private static final String PLAIN = START + "\r\n";
    private static final String SLOW = "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";

    private ConnectionVectors() {}

    static void addTo(Map<String, String> all) {
        options(all);
        pipelines(all);
        bodies(all);
    }

    private static void option(Map<String, String> all, String name, String value) {
        all.put("9112-9.3 connection " + name, START + "Connection: " + value + "\r\n\r\n");
        all.put("9112-9.3 HTTP/1.0 connection " + name, OLD + "Connection: " + value + "\r\n\r\n");
    }

    private static void options(Map<String, String> all) {
        option(all, "close", "close");
        option(all, "close in capitals", "CLOSE");
        option(all, "keep-alive", "keep-alive");
        option(all, "close in a list", "x, close");
        option(all, "close and keep-alive", "close, keep-alive");
        option(all, "keep-alive and close", "keep-alive, close");
        option(all, "close in a second field", "keep-alive\r\nConnection: close");
        option(all, "empty", "");
        option(all, "quoted", "\"close\"");
        option(all, "with empty elements", ",,close,,");
        option(all, "with a prefix", "xclose");
        option(all, "with a parameter", "close;a=b");
        all.put("9112-9.3 HTTP/1.0 without it", OLD + "\r\n");
        all.put("9112-9.3 Proxy-Connection", START + "Proxy-Connection: close\r\n\r\n");
        all.put("9112-9.3 Keep-Alive", START + "Keep-Alive: timeout=5, max=1\r\n\r\n");
    }

    private static void pipelines(Map<String, String> all) {
        all.put("9112-9.3.2 two", PLAIN + PLAIN);
        all.put("9112-9.3.2 ten", PLAIN.repeat(10));
        all.put(
                "9112-9.3.2 a hundred and one",
                "GET /ignore HTTP/1.1\r\nHost: x\r\n\r\n".repeat(101));
        all.put("9112-9.3.2 slow ones", SLOW.repeat(3));
        all.put("9112-9.3.2 slow, then fast", SLOW + PLAIN);
        all.put("9112-9.3.2 HEAD, then GET", "HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n" + PLAIN);
        all.put("9112-9.3.2 empty lines between", PLAIN + "\r\n\r\n" + PLAIN);
        all.put("9112-9.3.2 behind close", START + "Connection: close\r\n\r\n" + PLAIN);
        all.put("9112-9.3.2 rubbish behind", PLAIN + "hello world\r\n");
        all.put("9112-9.3.2 NULs behind", PLAIN + "\0\0\0");
        all.put("9112-9.3.2 a TLS hello behind", PLAIN + "\u0016\u0003\u0001\u0002\u0000\u0001");
        all.put("9112-9.3.2 a chunk behind", PLAIN + "0\r\n\r\n");
        all.put("9112-9.3.2 half a request behind", PLAIN + "GET /ec");
        all.put("9112-9.3.2 refused, then good", "GET /a|b HTTP/1.1\r\nHost: x\r\n\r\n" + PLAIN);
        all.put(
                "9112-9.3.2 missing, then good",
                "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + PLAIN);
        all.put("9112-9.3.2 HTTP/1.0, then more", OLD + "\r\n" + PLAIN);
        all.put("9112-9.3.2 HTTP/0.9, then more", "GET /echo\r\n" + PLAIN);
        all.put(
                "9112-9.3.2 asynchronous, twice",
                "GET /async HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2));
        all.put(
                "9112-9.3.2 no length known, twice",
                "GET /late HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2));
    }

    private static void post(
            Map<String, String> all, String name, String path, int length, int sent) {
        all.put(
                "9112-9.6 " + name,
                "POST "
                        + path
                        + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                        + length
                        + "\r\n\r\n"
                        + "a".repeat(sent));
    }

    private static void bodies(Map<String, String> all) {
        post(all, "body ignored", "/ignore", 10, 10);
        post(all, "body ignored, nearly too large to swallow", "/ignore", 4096, 4096);
        post(all, "body ignored, too large to swallow", "/ignore", 50_000, 50_000);
        post(all, "body ignored, megabytes", "/ignore", 3_000_000, 3_000_000);
        post(all, "body ignored, and not all sent", "/ignore", 50_000, 30_000);
        post(all, "body of nothing", "/nowhere", 10, 10);
        post(all, "large body of nothing", "/nowhere", 50_000, 50_000);
        post(all, "body answered early", "/early", 10_000, 10_000);
        post(all, "body read in part", "/late", 20, 20);
        post(all, "large body read in part", "/late", 50_000, 50_000);
        post(all, "body and a slow handler", "/slow", 100, 100);
        post(all, "large body, echoed", "/echo", 60_000, 60_000);
        post(all, "large body and a target that is refused", "/a|b", 50_000, 50_000);
        post(all, "large body and a target that does not decode", "/%zz", 50_000, 50_000);
        post(all, "form", "/params", 0, 0);
        all.put(
                "9110-9.3.3 form of parameters",
                "POST /params HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: 15\r\n\r\n"
                        + "a=1&%zz=2&b=%c3");
        all.put(
                "9110-9.3.3 form that ends early",
                "POST /params HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n"
                        + "Content-Length: 15\r\n\r\n"
                        + "a=1");
        all.put(
                "9110-9.3.3 form in chunks",
                "POST /params HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Type: application/x-www-form-urlencoded\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "3\r\n"
                        + "a=1\r\n"
                        + "0\r\n\r\n");
    }
}
