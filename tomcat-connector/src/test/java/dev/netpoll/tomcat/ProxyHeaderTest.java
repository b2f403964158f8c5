// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** Headers of the PROXY protocol, split at every byte, with something behind them. */
class ProxyHeaderTest {

    private static final String SIGNATURE = "\r\n\r\n\u0000\r\nQUIT\n";

    private static final String BEHIND = "GET / HTTP/1.1";

    record Sent(String header, String client) {

        private static Sent of(String header, String client) {
            return new Sent(header, client);
        }

        @Override
        public String toString() {
            return header.strip();
        }
    }

    static List<Sent> headers() {
        return List.of(
                Sent.of("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", "192.0.2.7:56324"),
                Sent.of("PROXY TCP4 255.255.255.255 1.1.1.1 65535 0\r\n", "255.255.255.255:65535"),
                Sent.of("PROXY TCP6 2001:db8::7 ::1 1 2\r\n", "2001:db8:0:0:0:0:0:7:1"),
                Sent.of("PROXY UNKNOWN\r\n", "none"),
                Sent.of("PROXY UNKNOWN ffff::1 whatever 1 2\r\n", "none"),
                Sent.of(v2(0x21, 0x11, IPV4), "192.0.2.7:256"),
                Sent.of(v2(0x21, 0x21, IPV6), "2001:db8:0:0:0:0:0:7:513"),
                Sent.of(v2(0x21, 0x11, IPV4 + "\u0004\u0000\u0002xx"), "192.0.2.7:256"),
                Sent.of(v2(0x21, 0x12, IPV4), "none"), // UDP
                Sent.of(v2(0x21, 0x31, "u".repeat(216)), "none"), // a Unix domain socket
                Sent.of(v2(0x21, 0x00, ""), "none"),
                Sent.of(v2(0x20, 0x00, ""), "none"), // the proxy itself
                Sent.of(v2(0x20, 0x11, IPV4), "none"),
                Sent.of(v2(0x20, 0x00, "x".repeat(4096)), "none"));
    }

    private static final String IPV4 =
            "\u00c0\u0000\u0002\u0007\u0001\u0002\u0003\u0004\u0001\u0000\u0001\u00bb";

    private static final String IPV6 =
            "\u0020\u0001\r\u00b8"
                    + "\u0000".repeat(11)
                    + "\u0007"
                    + "\u0000".repeat(16)
                    + "\u0002\u0001\u0001\u00bb";

    private static String v2(int command, int family, String block) {
        return SIGNATURE
                + (char) command
                + (char) family
                + (char) (block.length() >> 8)
                + (char) (block.length() & 0xFF)
                + block;
    }

    @ParameterizedTest
    @MethodSource("headers")
    void isReadInWhateverTwoPartsItComes(Sent sent) throws Exception {
        byte[] bytes = bytes(sent.header() + BEHIND);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ProxyHeader header = new ProxyHeader();
            ByteBuffer first = ByteBuffer.wrap(bytes, 0, cut);
            ByteBuffer second = ByteBuffer.wrap(bytes, cut, bytes.length - cut);

            assertThat(header.take(first)).isEqualTo(cut >= sent.header().length());
            assertThat(header.take(second)).isTrue();

            assertThat(client(header)).isEqualTo(sent.client());
            assertThat(first.remaining() + second.remaining()).isEqualTo(BEHIND.length());
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void isReadByteByByte(Sent sent) throws Exception {
        ProxyHeader header = new ProxyHeader();
        byte[] bytes = bytes(sent.header());
        for (int i = 0; i < bytes.length; i++) {
            assertThat(header.take(ByteBuffer.wrap(bytes, i, 1))).isEqualTo(i == bytes.length - 1);
        }
        assertThat(client(header)).isEqualTo(sent.client());
    }

    private static String client(ProxyHeader header) {
        return header.source() == null
                ? "none"
                : Objects.requireNonNull(header.source()).getAddress().getHostAddress()
                        + ":"
                        + header.source().getPort();
    }

    static List<String> malformed() {
        return List.of(
                "GET / HTTP/1.1\r\n",
                "\u0016\u0003\u0001\u0002\u0000",
                "\r\nGET",
                "POST",
                "PROXX ",
                "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 \r\n",
                "PROXY TCP4  192.0.2.7 198.51.100.1 56324 443\r\n",
                "PROXY TCP4 192.0.2.256 198.51.100.1 56324 443\r\n",
                "PROXY TCP4 192.0.2 198.51.100.1 56324 443\r\n",
                "PROXY TCP4 host.test 198.51.100.1 56324 443\r\n",
                "PROXY TCP4 ::1 ::1 1 2\r\n",
                "PROXY TCP6 :::1 ::1 1 2\r\n",
                "PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 01 443\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 99999999999\r\n",
                "PROXY tcp4 192.0.2.7 198.51.100.1 1 2\r\n",
                "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n",
                "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r.",
                "PROXY UNKNOWN " + "x".repeat(92) + "\r\n",
                "PROXY \r\n",
                v2(0x11, 0x11, IPV4),
                v2(0x22, 0x11, IPV4),
                v2(0x21, 0x41, IPV4),
                v2(0x21, 0x13, IPV4),
                v2(0x21, 0x11, IPV4.substring(1)),
                v2(0x21, 0x21, IPV4),
                v2(0x21, 0x31, IPV6),
                v2(0x20, 0x00, "x".repeat(4097)));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void whatIsNoneIsRefusedByItsEndInWhateverPartsItComes(String bytes) {
        for (int size = 1; size <= 3; size++) {
            ProxyHeader header = new ProxyHeader();
            int piece = size;
            assertThatThrownBy(() -> takeAll(header, bytes(bytes), piece))
                    .isInstanceOf(ProtocolException.class);
            assertThatThrownBy(() -> header.take(ByteBuffer.wrap(bytes("x"))))
                    .isInstanceOf(ProtocolException.class);
        }
    }

    private static void takeAll(ProxyHeader header, byte[] bytes, int piece)
            throws ProtocolException {
        for (int at = 0; at < bytes.length; at += piece) {
            header.take(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
        }
    }

    @Test
    void theLongestLineHas107Bytes() throws Exception {
        String line = "PROXY UNKNOWN " + "x".repeat(91) + "\r\n";
        assertThat(line).hasSize(107);
        assertThat(new ProxyHeader().take(ByteBuffer.wrap(bytes(line)))).isTrue();
    }

    // ---- trust ----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/8 10.255.0.1",
                "10.1.2.3 10.1.2.3",
                "::/0 ::1",
                "fd00::/8 fdff::1",
                "0.0.0.0/0 9.9.9.9",
                "10.0.0.0/31 10.0.0.1"
            })
    void anAddressIsInItsBlock(String pair) {
        assertThat(contains(pair)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/8 11.0.0.1",
                "10.1.2.3 10.1.2.4",
                "::/0 1.1.1.1",
                "fd00::/8 fe00::1",
                "10.0.0.0/31 10.0.0.2"
            })
    void anotherIsNot(String pair) {
        assertThat(contains(pair)).isFalse();
    }

    private static boolean contains(String pair) {
        String[] both = pair.split(" ");
        return AddressBlock.of(both[0]).contains(java.net.InetAddress.ofLiteral(both[1]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "10.0.0.0/33", "::1/129", "10.0.0.0/-1", "10.0.0.0/x", "/8"})
    void whatIsNoBlockIsRefused(String text) {
        assertThatThrownBy(() -> AddressBlock.of(text))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
