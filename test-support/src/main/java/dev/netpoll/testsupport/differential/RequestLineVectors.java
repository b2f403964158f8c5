// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.Map;

/** Request lines: RFC 9112, 2.2 to 3.2, and methods of RFC 9110, 9. */
final class RequestLineVectors {

    private static final String END = "\r\nHost: x\r\n\r\n";

    private RequestLineVectors() {}

    static void addTo(Map<String, String> all) {
        lineEnds(all);
        whitespace(all);
        methods(all);
        targets(all);
        absoluteTargets(all);
        versions(all);
        other(all);
    }

    private static void lineEnds(Map<String, String> all) {
        all.put("9112-2.2 empty line before the request line", "\r\nGET /echo HTTP/1.1" + END);
        all.put("9112-2.2 several empty lines before it", "\r\n\r\n\r\nGET /echo HTTP/1.1" + END);
        all.put("9112-2.2 bare LF before it", "\nGET /echo HTTP/1.1" + END);
        all.put("9112-2.2 bare CR before it", "\rGET /echo HTTP/1.1" + END);
        all.put("9112-2.2 bare LF ends the request line", "GET /echo HTTP/1.1\nHost: x\r\n\r\n");
        all.put("9112-2.2 bare LF everywhere", "GET /echo HTTP/1.1\nHost: x\n\n");
        all.put("9112-2.2 bare CR ends the request line", "GET /echo HTTP/1.1\rHost: x\r\n\r\n");
        all.put(
                "9112-2.2 CR CR LF ends the request line",
                "GET /echo HTTP/1.1\r\r\nHost: x\r\n\r\n");
        all.put("9112-2.2 LF CR ends the request line", "GET /echo HTTP/1.1\n\rHost: x\r\n\r\n");
        all.put("9112-2.2 a field begins with a space", "GET /echo HTTP/1.1\r\n Host: x\r\n\r\n");
        all.put("9112-2.2 a field begins with a tab", "GET /echo HTTP/1.1\r\n\tHost: x\r\n\r\n");
        all.put("9112-2.2 space before the first field only", "GET /echo HTTP/1.1\r\n A: b" + END);
    }

    private static void whitespace(Map<String, String> all) {
        all.put("9112-3 space before the method", " GET /echo HTTP/1.1" + END);
        all.put("9112-3 tab before the method", "\tGET /echo HTTP/1.1" + END);
        all.put("9112-3 two spaces behind the method", "GET  /echo HTTP/1.1" + END);
        all.put("9112-3 tab behind the method", "GET\t/echo HTTP/1.1" + END);
        all.put("9112-3 CR behind the method", "GET\r/echo HTTP/1.1" + END);
        all.put("9112-3 tab and CR behind the method", "GET\t\r/echo HTTP/1.1" + END);
        all.put("9112-3 vertical tab behind the method", "GET\u000b/echo HTTP/1.1" + END);
        all.put("9112-3 form feed behind the target", "GET /echo\fHTTP/1.1" + END);
        all.put("9112-3 two spaces behind the target", "GET /echo  HTTP/1.1" + END);
        all.put("9112-3 tab behind the target", "GET /echo\tHTTP/1.1" + END);
        all.put("9112-3 space behind the version", "GET /echo HTTP/1.1 " + END);
        all.put("9112-3 tab behind the version", "GET /echo HTTP/1.1\t" + END);
        all.put("9112-3 four words", "GET /echo x HTTP/1.1" + END);
        all.put("9112-3 method only", "GET" + END);
        all.put("9112-3 method and space only", "GET " + END);
        all.put("9112-3 no-break space behind the method", "GET\u00a0/echo HTTP/1.1" + END);
    }

    private static void methods(Map<String, String> all) {
        all.put("9110-9.1 unknown method", "BREW /echo HTTP/1.1" + END);
        all.put("9110-9.1 lower case method", "get /echo HTTP/1.1" + END);
        all.put(
                "9110-9.1 method of every token character",
                "!#$%&'*+-.^_`|~09aZ /echo HTTP/1.1" + END);
        all.put("9110-9.1 brace in the method", "G{T /echo HTTP/1.1" + END);
        all.put("9110-9.1 NUL in the method", "GE\0T /echo HTTP/1.1" + END);
        all.put("9110-9.1 colon in the method", "GET: /echo HTTP/1.1" + END);
        all.put("9110-9.1 octet above ASCII in the method", "G\u00cbT /echo HTTP/1.1" + END);
        all.put("9110-9.1 no method", " /echo HTTP/1.1" + END);
        all.put("9110-9.1 method of 1000 characters", "M".repeat(1000) + " /echo HTTP/1.1" + END);
        all.put("9110-9.3.2 HEAD", "HEAD /echo HTTP/1.1" + END);
        all.put("9110-9.3.2 HEAD of nothing", "HEAD /nowhere HTTP/1.1" + END);
        all.put("9110-9.3.2 HEAD refused", "HEAD /{x} HTTP/1.1" + END);
        all.put(
                "9110-9.3.5 DELETE with a body",
                "DELETE /echo HTTP/1.1\r\nContent-Length: 3" + END + "abc");
        all.put("9110-9.3.6 CONNECT", "CONNECT x:80 HTTP/1.1" + END);
        all.put("9110-9.3.6 CONNECT with a path", "CONNECT /echo HTTP/1.1" + END);
        all.put("9110-9.3.6 CONNECT to no valid target", "CONNECT /<x> HTTP/1.1" + END);
        all.put("9110-9.3.6 CONNECT without a port", "CONNECT x HTTP/1.1" + END);
        all.put("9110-9.3.7 OPTIONS *", "OPTIONS * HTTP/1.1" + END);
        all.put("9110-9.3.7 OPTIONS of a path", "OPTIONS /echo HTTP/1.1" + END);
        all.put("9110-9.3.7 OPTIONS of an authority", "OPTIONS http://x HTTP/1.1" + END);
        all.put("9110-9.3.8 TRACE", "TRACE /echo HTTP/1.1" + END);
        all.put(
                "9110-9.3.8 TRACE with a body",
                "TRACE /echo HTTP/1.1\r\nContent-Length: 3" + END + "abc");
        all.put("9113-3.4 the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    }

    private static void targets(Map<String, String> all) {
        all.put("9112-3.2 * for GET", "GET * HTTP/1.1" + END);
        all.put("9112-3.2 no target", "GET  HTTP/1.1" + END);
        all.put("9112-3.2 path without slash", "GET echo HTTP/1.1" + END);
        all.put("9112-3.2 authority for GET", "GET x:80 HTTP/1.1" + END);
        all.put("9112-3.2 fragment", "GET /echo#f HTTP/1.1" + END);
        all.put("9112-3.2 pipe", "GET /a|b HTTP/1.1" + END);
        all.put("9112-3.2 braces", "GET /{x} HTTP/1.1" + END);
        all.put("9112-3.2 angle brackets", "GET /<x> HTTP/1.1" + END);
        all.put("9112-3.2 quote", "GET /\"x\" HTTP/1.1" + END);
        all.put("9112-3.2 caret and backtick", "GET /^` HTTP/1.1" + END);
        all.put("9112-3.2 backslash", "GET /echo\\x HTTP/1.1" + END);
        all.put("9112-3.2 NUL in the target", "GET /ec\0ho HTTP/1.1" + END);
        all.put("9112-3.2 DEL in the target", "GET /ec\u007fho HTTP/1.1" + END);
        all.put("9112-3.2 octet above ASCII", "GET /\u00e4 HTTP/1.1" + END);
        all.put("9112-3.2 UTF-8 unescaped", "GET /\u00c3\u00a4 HTTP/1.1" + END);
        all.put("3986-2.1 percent alone", "GET /% HTTP/1.1" + END);
        all.put("3986-2.1 percent and no hex", "GET /%zz HTTP/1.1" + END);
        all.put("3986-2.1 percent and one digit", "GET /%4 HTTP/1.1" + END);
        all.put("3986-2.1 escaped NUL", "GET /%00 HTTP/1.1" + END);
        all.put("3986-2.1 escaped slash", "GET /echo%2fx HTTP/1.1" + END);
        all.put("3986-2.1 escaped backslash", "GET /echo%5cx HTTP/1.1" + END);
        all.put("3986-2.1 escaped letter", "GET /%65cho HTTP/1.1" + END);
        all.put("3986-2.1 escaped percent", "GET /echo%2565 HTTP/1.1" + END);
        all.put("3629-3 invalid UTF-8 escaped", "GET /%c3%28 HTTP/1.1" + END);
        all.put("3629-3 overlong UTF-8 escaped", "GET /%c0%af HTTP/1.1" + END);
        all.put("3629-3 lone continuation escaped", "GET /%80 HTTP/1.1" + END);
        all.put("3986-3.3 path parameter", "GET /echo;a=b HTTP/1.1" + END);
        all.put("3986-3.3 path parameter that does not decode", "GET /echo;a=%zz HTTP/1.1" + END);
        all.put("3986-3.3 empty segments", "GET //echo HTTP/1.1" + END);
        all.put("3986-3.3 trailing slash", "GET /echo/ HTTP/1.1" + END);
        all.put("3986-5.2.4 dot segment", "GET /./echo HTTP/1.1" + END);
        all.put("3986-5.2.4 two dots within", "GET /x/../echo HTTP/1.1" + END);
        all.put("3986-5.2.4 two dots beyond the root", "GET /../echo HTTP/1.1" + END);
        all.put("3986-5.2.4 escaped dots", "GET /%2e%2e/echo HTTP/1.1" + END);
        all.put("3986-3.4 empty query", "GET /echo? HTTP/1.1" + END);
        all.put("3986-3.4 two question marks", "GET /echo?a?b HTTP/1.1" + END);
        all.put("3986-3.4 query with angle brackets", "GET /echo?<x> HTTP/1.1" + END);
        all.put("3986-3.4 query with octets above ASCII", "GET /echo?\u00ff HTTP/1.1" + END);
        all.put(
                "3986-3.4 parameters that do not decode",
                "GET /params?a=%zz&b=1&%c3%28=2 HTTP/1.1" + END);
        all.put("9110-4.1 target of 9000 octets", "GET /" + "a".repeat(9000) + " HTTP/1.1" + END);
    }

    private static void absoluteTargets(Map<String, String> all) {
        all.put("9112-3.2.2 absolute", "GET http://x/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, other host", "GET http://y/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, no Host", "GET http://x/echo HTTP/1.1\r\n\r\n");
        all.put("9112-3.2.2 absolute, no Host, HTTP/1.0", "GET http://x/echo HTTP/1.0\r\n\r\n");
        all.put("9112-3.2.2 absolute, no path", "GET http://x HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, query and no path", "GET http://x?a HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, upper case scheme", "GET HTTP://x/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, https", "GET https://x/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, ftp", "GET ftp://x/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, no host", "GET http:///echo HTTP/1.1" + END);
        all.put("9110-4.2.4 absolute, user", "GET http://u@x/echo HTTP/1.1" + END);
        all.put("9110-4.2.4 absolute, user and password", "GET http://u:p@x/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, port", "GET http://x:81/echo HTTP/1.1\r\nHost: x:81\r\n\r\n");
        all.put("9112-3.2.2 absolute, port that is none", "GET http://x:p/echo HTTP/1.1" + END);
        all.put("9112-3.2.2 absolute, percent alone", "GET http://x/% HTTP/1.1" + END);
        all.put(
                "9112-3.2.2 absolute, IPv6",
                "GET http://[::1]/echo HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    }

    private static void versions(Map<String, String> all) {
        all.put("9112-2.3 HTTP/0.9", "GET /echo\r\n");
        all.put("9112-2.3 HTTP/0.9 and an empty line", "GET /echo\r\n\r\n");
        all.put("9112-2.3 HTTP/0.9 by name", "GET /echo HTTP/0.9" + END);
        all.put("9112-2.3 HTTP/0.9 and another method", "POST /echo\r\n\r\n");
        all.put("9112-2.3 HTTP/1.0", "GET /echo HTTP/1.0" + END);
        all.put("9112-2.3 HTTP/1.0 without Host", "GET /echo HTTP/1.0\r\n\r\n");
        all.put("9112-2.3 HTTP/1.2", "GET /echo HTTP/1.2" + END);
        all.put("9112-2.3 HTTP/2.0", "GET /echo HTTP/2.0" + END);
        all.put("9112-2.3 HTTP/9.9", "GET /echo HTTP/9.9" + END);
        all.put("9112-2.3 HTTP/11", "GET /echo HTTP/11" + END);
        all.put("9112-2.3 HTTP/1.10", "GET /echo HTTP/1.10" + END);
        all.put("9112-2.3 HTTP/01.1", "GET /echo HTTP/01.1" + END);
        all.put("9112-2.3 HTTP/1,1", "GET /echo HTTP/1,1" + END);
        all.put("9112-2.3 lower case", "GET /echo http/1.1" + END);
        all.put("9112-2.3 another protocol", "GET /echo FTP/1.1" + END);
        all.put("9112-2.3 no version number", "GET /echo HTTP" + END);
        all.put("9112-2.3 slash and no number", "GET /echo HTTP/" + END);
        all.put("9112-2.3 NUL behind the version", "GET /echo HTTP/1.1\0" + END);
    }

    private static void other(Map<String, String> all) {
        all.put(
                "8446-4.1.2 a TLS hello",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"
                        + "x".repeat(200));
        all.put("4253-4.2 an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n");
        all.put("9112-2.1 a response", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        all.put("9112-2.1 NULs", "\0\0\0\0\0\0\0\0");
        all.put("9112-2.1 a Redis command", "*1\r\n$4\r\nPING\r\n");
        all.put("9112-2.1 an SMTP greeting", "EHLO x\r\n");
        all.put(
                "9112-2.1 the PROXY protocol",
                "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET /echo HTTP/1.1" + END);
        all.put("9112-2.1 nothing", "");
        all.put("9112-2.1 one octet", "G");
        all.put("9112-2.1 half a request line", "GET /ec");
        all.put("9112-2.1 a request line and no more", "GET /echo HTTP/1.1\r\n");
    }
}
