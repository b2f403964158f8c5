// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.Map;

/** Header fields: RFC 9112, 5, RFC 9110, 5, 7.2 and 10.1.1. */
final class FieldVectors {

    private static final String GET = "GET /echo HTTP/1.1\r\n";
    private static final String START = GET + "Host: x\r\n";
    private static final String POST = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n";

    private FieldVectors() {}

    static void addTo(Map<String, String> all) {
        hosts(all);
        names(all);
        values(all);
        folds(all);
        sizes(all);
        expectations(all);
        known(all);
    }

    private static void hosts(Map<String, String> all) {
        all.put("9112-3.2 no Host", GET + "\r\n");
        all.put("9112-3.2 two Hosts", GET + "Host: x\r\nHost: y\r\n\r\n");
        all.put("9112-3.2 the same Host twice", GET + "Host: x\r\nHost: x\r\n\r\n");
        all.put("9112-3.2 empty Host", GET + "Host:\r\n\r\n");
        all.put("9112-3.2 blank Host", GET + "Host:  \t \r\n\r\n");
        all.put("9110-7.2 Host with a space", GET + "Host: x y\r\n\r\n");
        all.put("9110-7.2 Host with a comma", GET + "Host: x,y\r\n\r\n");
        all.put("9110-7.2 Host with a user", GET + "Host: u@x\r\n\r\n");
        all.put("9110-7.2 Host with a path", GET + "Host: x/y\r\n\r\n");
        all.put("9110-7.2 Host with a port", GET + "Host: x:8080\r\n\r\n");
        all.put("9110-7.2 Host with an empty port", GET + "Host: x:\r\n\r\n");
        all.put("9110-7.2 Host with a port too high", GET + "Host: x:65536\r\n\r\n");
        all.put("9110-7.2 Host with a port of letters", GET + "Host: x:port\r\n\r\n");
        all.put("9110-7.2 Host with two ports", GET + "Host: x:1:2\r\n\r\n");
        all.put("9110-7.2 Host of IPv4", GET + "Host: 127.0.0.1\r\n\r\n");
        all.put("9110-7.2 Host of too large IPv4", GET + "Host: 256.0.0.1\r\n\r\n");
        all.put("9110-7.2 Host of IPv6", GET + "Host: [::1]:80\r\n\r\n");
        all.put("9110-7.2 Host of open IPv6", GET + "Host: [::1\r\n\r\n");
        all.put("9110-7.2 Host of bare IPv6", GET + "Host: ::1\r\n\r\n");
        all.put("9110-7.2 Host above ASCII", GET + "Host: \u00e4\r\n\r\n");
        all.put("9110-7.2 Host with underscore", GET + "Host: a_b\r\n\r\n");
        all.put("9110-7.2 Host with NUL", GET + "Host: x\0\r\n\r\n");
        all.put("9110-7.2 Host of 5000 octets", GET + "Host: " + "a".repeat(5000) + "\r\n\r\n");
        all.put("9110-7.2 two Hosts, HTTP/1.0", "GET /echo HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n");
        all.put("9110-7.2 invalid Host, HTTP/1.0", "GET /echo HTTP/1.0\r\nHost: x y\r\n\r\n");
    }

    private static void names(Map<String, String> all) {
        all.put("9112-5.1 space before the colon", START + "A : b\r\n\r\n");
        all.put("9112-5.1 tab before the colon", START + "A\t: b\r\n\r\n");
        all.put("9112-5.1 space before Host's colon", GET + "Host : x\r\n\r\n");
        all.put(
                "9112-5.1 space before Content-Length's colon",
                START + "Content-Length : 3\r\n\r\nabc");
        all.put("9110-5.1 no colon", START + "NoColon\r\n\r\n");
        all.put("9110-5.1 no name", START + ": b\r\n\r\n");
        all.put("9110-5.1 space within the name", START + "A B: c\r\n\r\n");
        all.put("9110-5.1 parenthesis in the name", START + "A(: b\r\n\r\n");
        all.put("9110-5.1 NUL in the name", START + "A\0: b\r\n\r\n");
        all.put("9110-5.1 octet above ASCII in the name", START + "\u00c4: b\r\n\r\n");
        all.put("9110-5.1 DEL in the name", START + "A\u007f: b\r\n\r\n");
        all.put("9110-5.1 name of every token character", START + "!#$%&'*+-.^_`|~09aZ: b\r\n\r\n");
        all.put("9110-5.1 name in another case", GET + "hOST: x\r\n\r\n");
        all.put("9110-5.1 underscore for hyphen", START + "Content_Length: 3\r\n\r\nabc");
        all.put("9110-5.1 colon twice", START + "A:: b\r\n\r\n");
    }

    private static void values(Map<String, String> all) {
        all.put("9110-5.5 empty value", START + "A:\r\n\r\n");
        all.put("9110-5.5 no space", START + "A:b\r\n\r\n");
        all.put("9110-5.5 blanks around", START + "A: \t b \t \r\n\r\n");
        all.put("9110-5.5 NUL in the value", START + "A: b\0c\r\n\r\n");
        all.put("9110-5.5 bare CR in the value", START + "A: b\rc\r\n\r\n");
        all.put("9110-5.5 CR at its end", START + "A: b\r\r\n\r\n");
        all.put("9110-5.5 bare LF ends it", START + "A: b\nC: d\r\n\r\n");
        all.put("9110-5.5 vertical tab in the value", START + "A: b\u000bc\r\n\r\n");
        all.put("9110-5.5 escape in the value", START + "A: b\u001bc\r\n\r\n");
        all.put("9110-5.5 DEL in the value", START + "A: b\u007fc\r\n\r\n");
        all.put("9110-5.5 Latin-1 in the value", START + "A: \u00e4\r\n\r\n");
        all.put("9110-5.5 UTF-8 in the value", START + "A: \u00c3\u00a4\r\n\r\n");
        all.put("9110-5.5 invalid UTF-8 in the value", START + "A: \u00ff\u00fe\r\n\r\n");
        all.put(
                "9110-5.3 the same name three times",
                START + "A: b\r\nB: c\r\nA: d\r\na: e\r\n\r\n");
    }

    private static void folds(Map<String, String> all) {
        all.put("9112-5.2 a fold", START + "A: b\r\n c\r\n\r\n");
        all.put("9112-5.2 a fold by tab", START + "A: b\r\n\tc\r\n\r\n");
        all.put("9112-5.2 two folds", START + "A: b\r\n c\r\n  d\r\n\r\n");
        all.put("9112-5.2 a fold of blanks", START + "A: b\r\n \r\n\r\n");
        all.put("9112-5.2 a fold behind LF", START + "A: b\n c\r\n\r\n");
        all.put("9112-5.2 a fold of Host", GET + "Host:\r\n x\r\n\r\n");
        all.put("9112-5.2 a fold of Content-Length", START + "Content-Length:\r\n 3\r\n\r\nabc");
        all.put(
                "9112-5.2 a fold of Transfer-Encoding",
                START + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n");
        all.put("9112-5.2 a fold before the first name", GET + " c\r\nHost: x\r\n\r\n");
    }

    private static void sizes(Map<String, String> all) {
        all.put("9110-5.4 a value of 7000 octets", START + "A: " + "b".repeat(7000) + "\r\n\r\n");
        all.put("9110-5.4 a value of 9000 octets", START + "A: " + "b".repeat(9000) + "\r\n\r\n");
        all.put(
                "9110-5.4 a value of 100000 octets",
                START + "A: " + "b".repeat(100_000) + "\r\n\r\n");
        all.put("9110-5.4 a name of 9000 octets", START + "A".repeat(9000) + ": b\r\n\r\n");
        all.put("9110-5.4 ninety-nine fields", GET + "A: b\r\n".repeat(98) + "Host: x\r\n\r\n");
        all.put("9110-5.4 a hundred fields", GET + "A: b\r\n".repeat(99) + "Host: x\r\n\r\n");
        all.put(
                "9110-5.4 a hundred and one fields",
                GET + "A: b\r\n".repeat(100) + "Host: x\r\n\r\n");
        all.put("9110-5.4 a head that never ends", START + "A: b\r\n".repeat(3000));
    }

    private static void expectations(Map<String, String> all) {
        all.put("9110-10.1.1 continue", POST + "Expect: 100-continue\r\n\r\nabc");
        all.put("9110-10.1.1 continue in capitals", POST + "Expect: 100-CONTINUE\r\n\r\nabc");
        all.put("9110-10.1.1 continue without a body", START + "Expect: 100-continue\r\n\r\n");
        all.put(
                "9110-10.1.1 continue, HTTP/1.0",
                "POST /echo HTTP/1.0\r\n"
                        + "Host: x\r\n"
                        + "Content-Length: 3\r\n"
                        + "Expect: 100-continue\r\n\r\n"
                        + "abc");
        all.put(
                "9110-10.1.1 continue, body ignored",
                "POST /ignore HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Length: 3\r\n"
                        + "Expect: 100-continue\r\n\r\n"
                        + "abc");
        all.put(
                "9110-10.1.1 continue, nowhere",
                "POST /nowhere HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Content-Length: 3\r\n"
                        + "Expect: 100-continue\r\n\r\n"
                        + "abc");
        all.put(
                "9110-10.1.1 continue, chunked",
                "POST /echo HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n"
                        + "Expect: 100-continue\r\n\r\n"
                        + "3\r\n"
                        + "abc\r\n"
                        + "0\r\n\r\n");
        all.put("9110-10.1.1 another expectation", POST + "Expect: x\r\n\r\nabc");
        all.put("9110-10.1.1 two expectations", POST + "Expect: 100-continue, x\r\n\r\nabc");
        all.put(
                "9110-10.1.1 continue twice",
                POST + "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\nabc");
        all.put("9110-10.1.1 empty expectation", POST + "Expect:\r\n\r\nabc");
        all.put(
                "9110-10.1.1 another expectation of a large body",
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\nExpect: x\r\n\r\n"
                        + "a".repeat(50_000));
    }

    private static void known(Map<String, String> all) {
        all.put("6265-4.2 cookies", START + "Cookie: a=b; c=\"d\"; e\r\n\r\n");
        all.put("6265-4.2 cookies that are none", START + "Cookie: ;;=;\u00ff=\0\r\n\r\n");
        all.put("6265-4.2 a session's cookie", START + "Cookie: JSESSIONID=x\r\n\r\n");
        all.put(
                "6265-4.2 two hundred and one cookies",
                START + "Cookie: " + "a=b; ".repeat(201) + "\r\n\r\n");
        all.put("9110-14.2 range", START + "Range: bytes=0-0\r\n\r\n");
        all.put("9110-12.5.3 accepted encodings", START + "Accept-Encoding: gzip;q=x\r\n\r\n");
        all.put("9110-8.3 content type that is none", POST + "Content-Type: ;;\r\n\r\nabc");
        all.put(
                "9110-8.3 charset that is none",
                POST + "Content-Type: text/plain;charset=x\r\n\r\nabc");
        all.put(
                "9110-7.8 upgrade to websocket",
                START + "Upgrade: websocket\r\nConnection: upgrade\r\n\r\n");
        all.put(
                "9110-7.8 upgrade to h2c",
                START
                        + "Upgrade: h2c\r\n"
                        + "Connection: upgrade, HTTP2-Settings\r\n"
                        + "HTTP2-Settings: AA\r\n\r\n");
        all.put("grpc a negative timeout", START + "grpc-timeout: -1m\r\n\r\n");
        all.put("envoy a negative timeout", START + "x-envoy-expected-rq-timeout-ms: -1\r\n\r\n");
        all.put("grpc a timeout of 9 digits", START + "grpc-timeout: 123456789m\r\n\r\n");
        all.put("grpc the longest timeout", START + "grpc-timeout: 99999999H\r\n\r\n");
        all.put(
                "envoy the longest timeout",
                START + "x-envoy-expected-rq-timeout-ms: 9223372036854775807\r\n\r\n");
        all.put(
                "grpc no time left for what is refused",
                "GET /a|b HTTP/1.1\r\nHost: x\r\ngrpc-timeout: 0n\r\n\r\n");
    }
}
