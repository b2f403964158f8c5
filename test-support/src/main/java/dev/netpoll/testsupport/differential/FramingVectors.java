// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport.differential;

import java.util.Map;

/** How long a body is: RFC 9112, 6 and 7. */
final class FramingVectors {

    private static final String POST = "POST /echo HTTP/1.1\r\nHost: x\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    private FramingVectors() {}

    static void addTo(Map<String, String> all) {
        lengths(all);
        encodings(all);
        both(all);
        chunkSizes(all);
        chunkExtensions(all);
        chunkData(all);
        trailers(all);
        ends(all);
    }

    private static void length(Map<String, String> all, String name, String value) {
        all.put("9112-6.2 length " + name, POST + "Content-Length: " + value + "\r\n\r\nhello");
    }

    private static void lengths(Map<String, String> all) {
        length(all, "of the body", "5");
        length(all, "of zero", "0");
        length(all, "shorter than the body", "3");
        length(all, "with leading zeros", "0005");
        length(all, "negative", "-5");
        length(all, "with a plus", "+5");
        length(all, "hexadecimal", "0x5");
        length(all, "of letters", "abc");
        length(all, "empty", "");
        length(all, "with blanks around", " \t5\t ");
        length(all, "with a blank within", "1 0");
        length(all, "with a fraction", "5.0");
        length(all, "beyond long", "99999999999999999999");
        length(all, "of the longest long", "9223372036854775807");
        length(all, "in another script", "\u0665");
        length(all, "twice in a list", "5, 5");
        length(all, "twice in two fields", "5\r\nContent-Length: 5");
        length(all, "two values in a list", "5, 6");
        length(all, "two values in two fields", "5\r\nContent-Length: 6");
        length(all, "with NUL", "5\0");
        all.put("9112-6.3 no length and bytes behind", POST + "\r\nhello");
    }

    private static void encoding(Map<String, String> all, String name, String value) {
        all.put(
                "9112-6.1 encoding " + name,
                POST + "Transfer-Encoding: " + value + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    }

    private static void encodings(Map<String, String> all) {
        encoding(all, "chunked", "chunked");
        encoding(all, "in capitals", "CHUNKED");
        encoding(all, "empty", "");
        encoding(all, "identity", "identity");
        encoding(all, "gzip", "gzip");
        encoding(all, "gzip and chunked", "gzip, chunked");
        encoding(all, "chunked and gzip", "chunked, gzip");
        encoding(all, "chunked twice", "chunked, chunked");
        encoding(all, "chunked and identity", "chunked, identity");
        encoding(all, "identity and chunked", "identity, chunked");
        encoding(all, "in two fields", "chunked\r\nTransfer-Encoding: chunked");
        encoding(all, "identity in a second field", "chunked\r\nTransfer-Encoding: identity");
        encoding(all, "with a parameter", "chunked;a=b");
        encoding(all, "quoted", "\"chunked\"");
        encoding(all, "with a comma behind", "chunked,");
        encoding(all, "with a comma before", ",chunked");
        encoding(all, "with a prefix", "xchunked");
        encoding(all, "with a suffix", "chunkedx");
        encoding(all, "with a tab before", "\tchunked");
        encoding(all, "with a vertical tab before", "\u000bchunked");
        encoding(all, "with NUL behind", "chunked\0");
        all.put(
                "9112-6.1 encoding in HTTP/1.0",
                "POST /echo HTTP/1.0\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-6.1 encoding for GET",
                "GET /echo HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
    }

    private static void both(Map<String, String> all) {
        all.put(
                "9112-6.3 length, then chunked",
                POST
                        + "Content-Length: 3\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-6.3 chunked, then length",
                POST
                        + "Transfer-Encoding: chunked\r\n"
                        + "Content-Length: 3\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-6.3 length and an unknown encoding",
                POST + "Content-Length: 3\r\nTransfer-Encoding: x\r\n\r\nabc");
        all.put(
                "9112-6.3 length and identity",
                POST + "Content-Length: 3\r\nTransfer-Encoding: identity\r\n\r\nabc");
        all.put(
                "9112-6.3 both in HTTP/1.0",
                "POST /echo HTTP/1.0\r\n"
                        + "Host: x\r\n"
                        + "Content-Length: 3\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-6.3 chunked and an invalid length",
                POST + "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n");
    }

    private static void chunkSize(Map<String, String> all, String name, String size) {
        all.put("9112-7.1 size " + name, CHUNKED + size + "\r\nhello\r\n0\r\n\r\n");
    }

    private static void chunkSizes(Map<String, String> all) {
        chunkSize(all, "with leading zeros", "00000005");
        chunkSize(all, "with very many zeros", "0".repeat(30) + "5");
        chunkSize(all, "with 0x", "0x5");
        chunkSize(all, "negative", "-5");
        chunkSize(all, "with a plus", "+5");
        chunkSize(all, "empty", "");
        chunkSize(all, "of letters beyond f", "xyz");
        chunkSize(all, "with a blank before", " 5");
        chunkSize(all, "with a blank behind", "5 ");
        chunkSize(all, "with a tab behind", "5\t");
        chunkSize(all, "of 32 bits", "ffffffff");
        chunkSize(all, "beyond 32 bits", "100000005");
        chunkSize(all, "beyond 64 bits", "10000000000000005");
        chunkSize(all, "of the highest positive int", "7fffffff");
        chunkSize(all, "too small", "4");
        chunkSize(all, "too large", "6");
        chunkSize(all, "decimal with point", "5.0");
        chunkSize(all, "with NUL", "5\0");
        all.put("9112-7.1 size in capitals", CHUNKED + "A\r\n0123456789\r\n0\r\n\r\n");
        all.put("9112-7.1 size ended by LF", CHUNKED + "5\nhello\r\n0\r\n\r\n");
        all.put("9112-7.1 size ended by CR", CHUNKED + "5\rhello\r\n0\r\n\r\n");
        all.put("9112-7.1 size ended by CR CR LF", CHUNKED + "5\r\r\nhello\r\n0\r\n\r\n");
    }

    private static void chunkExtensions(Map<String, String> all) {
        chunkSize(all, "and an extension", "5;a");
        chunkSize(all, "and an extension with a value", "5;a=b");
        chunkSize(all, "and an extension with a quoted value", "5;a=\"b c\"");
        chunkSize(all, "and blanks around an extension", "5 ; a = b");
        chunkSize(all, "and an empty extension", "5;");
        chunkSize(all, "and an extension without a name", "5;=b");
        chunkSize(all, "and an open quote", "5;a=\"b");
        chunkSize(all, "and a quoted line end", "5;a=\"\r\n\"");
        chunkSize(all, "and an LF in an extension", "5;a\nb");
        chunkSize(all, "and a CR in an extension", "5;a\rb");
        chunkSize(all, "and NUL in an extension", "5;a\0b");
        chunkSize(all, "and an extension above ASCII", "5;\u00e4");
        chunkSize(all, "and an extension of 60 octets", "5;" + "a".repeat(59));
        chunkSize(all, "and an extension of 65 octets", "5;" + "a".repeat(64));
        chunkSize(all, "and an extension of 9000 octets", "5;" + "a".repeat(8999));
        all.put("9112-7.1.1 extension of the last chunk", CHUNKED + "5\r\nhello\r\n0;a=b\r\n\r\n");
    }

    private static void chunkData(Map<String, String> all) {
        all.put("9112-7.1 no body", CHUNKED + "0\r\n\r\n");
        all.put("9112-7.1 last chunk of many zeros", CHUNKED + "00000\r\n\r\n");
        all.put("9112-7.1 three chunks", CHUNKED + "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n");
        all.put("9112-7.1 data without its line end", CHUNKED + "5\r\nhello0\r\n\r\n");
        all.put("9112-7.1 data ended by LF", CHUNKED + "5\r\nhello\n0\r\n\r\n");
        all.put("9112-7.1 data ended by CR", CHUNKED + "5\r\nhello\r0\r\n\r\n");
        all.put("9112-7.1 data ended twice", CHUNKED + "5\r\nhello\r\n\r\n0\r\n\r\n");
        all.put("9112-7.1 last line ended by LF", CHUNKED + "5\r\nhello\r\n0\r\n\n");
        all.put("9112-7.1 all lines ended by LF", CHUNKED + "5\nhello\n0\n\n");
        all.put(
                "9112-7.1 a large chunk",
                CHUNKED + "4e20\r\n" + "a".repeat(20_000) + "\r\n0\r\n\r\n");
        all.put(
                "9112-7.1 a thousand chunks of one octet",
                CHUNKED + "1\r\na\r\n".repeat(1000) + "0\r\n\r\n");
        all.put(
                "9112-7.1 chunked, body ignored",
                "POST /ignore HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-7.1 wrong chunks, body ignored",
                "POST /ignore HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "xyz\r\n"
                        + "hello\r\n"
                        + "0\r\n\r\n");
        all.put(
                "9112-7.1 wrong second chunk, answered early",
                "POST /early HTTP/1.1\r\n"
                        + "Host: x\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                        + "5\r\n"
                        + "hello\r\n"
                        + "xyz\r\n"
                        + "0\r\n\r\n");
    }

    private static void trailer(Map<String, String> all, String name, String fields) {
        all.put("9112-7.1.2 trailer " + name, CHUNKED + "5\r\nhello\r\n0\r\n" + fields + "\r\n");
    }

    private static void trailers(Map<String, String> all) {
        trailer(all, "of one field", "A: b\r\n");
        trailer(all, "of two fields", "A: b\r\nB: c\r\n");
        trailer(all, "with a fold", "A: b\r\n c\r\n");
        trailer(all, "with Content-Length", "Content-Length: 9\r\n");
        trailer(all, "with Transfer-Encoding", "Transfer-Encoding: chunked\r\n");
        trailer(all, "with Host", "Host: y\r\n");
        trailer(all, "with Authorization", "Authorization: x\r\n");
        trailer(all, "without colon", "A\r\n");
        trailer(all, "without a name", ": b\r\n");
        trailer(all, "with a space before the colon", "A : b\r\n");
        trailer(all, "with NUL", "A: b\0\r\n");
        trailer(all, "ended by LF", "A: b\n");
        trailer(all, "of 300 octets", "A: " + "b".repeat(300) + "\r\n");
    }

    private static void ends(Map<String, String> all) {
        all.put("9112-8 end within a head", POST + "Content-Le");
        all.put("9112-8 end within a sized body", POST + "Content-Length: 10\r\n\r\nhello");
        all.put("9112-8 end before a sized body", POST + "Content-Length: 10\r\n\r\n");
        all.put("9112-8 end within a chunk's size", CHUNKED + "5");
        all.put("9112-8 end within a chunk", CHUNKED + "5\r\nhe");
        all.put("9112-8 end behind a chunk", CHUNKED + "5\r\nhello\r\n");
        all.put("9112-8 end behind the last chunk's size", CHUNKED + "5\r\nhello\r\n0\r\n");
        all.put("9112-8 end within the trailer", CHUNKED + "5\r\nhello\r\n0\r\nA: ");
        all.put(
                "9112-8 end within a body that is ignored",
                "POST /ignore HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        all.put(
                "9112-8 end within a body answered early",
                "POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello");
        all.put(
                "9112-8 end within a body read in part",
                "POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello67");
    }
}
