// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Reads a header of the PROXY protocol, version 1 or 2, from bytes that come in any pieces, and not a byte beyond it.
 *
 * <pre>
 * state      → state      by
 * START      → LINE       the letter P
 * START      → FIXED      CR, the first byte of version 2
 * LINE       → DONE       CR LF: the line is one of version 1
 * FIXED      → BLOCK      the sixteenth byte: version, command, family and length hold
 * FIXED      → DONE       the same, where the length is 0
 * BLOCK      → DONE       the last byte of that length
 * any but DONE → MALFORMED  a byte that cannot be there, or one too many; every later call fails too
 * </pre>
 *
 * <p>Not told by the header: which of its clients a proxy believes. One thread.
 *
 * @see <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol</a>
 */
final class ProxyHeader {

    private enum State {
        START,
        LINE,
        FIXED,
        BLOCK,
        DONE,
        MALFORMED
    }

    private static final byte[] SIGNATURE = {
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
    };

    private static final byte[] LINE_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);

    /** With CR and LF, as the protocol has it. */
    private static final int LONGEST_LINE = 107;

    private static final int FIXED_BYTES = 16;

    /** What follows the addresses of version 2 is for extensions; nobody sends more. */
    private static final int LONGEST_BLOCK = 4096;

    private static final int IPV4_BYTES = 12;
    private static final int IPV6_BYTES = 36;
    private static final int UNIX_BYTES = 216;

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:.]{2,39}");
    private static final Pattern PORT = Pattern.compile("0|[1-9]\\d{0,4}");

    private State state = State.START;
    private byte[] held = new byte[LONGEST_LINE];
    private int count;

    /** Of the fixed part and what follows it. */
    private int total;

    private @Nullable InetSocketAddress source;

    /**
     * Takes bytes of the header from {@code bytes} and leaves those behind it.
     *
     * @return whether the header is whole
     * @throws ProtocolException when it is none
     */
    boolean take(ByteBuffer bytes) throws ProtocolException {
        while (state != State.DONE && bytes.hasRemaining()) {
            accept(bytes.get());
        }
        return state == State.DONE;
    }

    /** Whether nothing has come yet. */
    boolean isEmpty() {
        return state == State.START;
    }

    /** The client that the proxy speaks for; null where it speaks for itself, or does not say. */
    @Nullable InetSocketAddress source() {
        return source;
    }

    private void accept(byte next) throws ProtocolException {
        switch (state) {
            case START -> {
                require(next == LINE_START[0] || next == SIGNATURE[0], "no PROXY header");
                state = next == LINE_START[0] ? State.LINE : State.FIXED;
                held[count++] = next;
            }
            case LINE -> acceptOfLine(next);
            case FIXED -> acceptOfFixed(next);
            case BLOCK -> {
                held[count++] = next;
                endOfBlock();
            }
            case DONE, MALFORMED -> require(false, "no PROXY header");
        }
    }

    private void require(boolean holds, String otherwise) throws ProtocolException {
        if (!holds) {
            state = State.MALFORMED;
            throw new ProtocolException(otherwise);
        }
    }

    // ---- version 1 ------------------------------------------------------------------------------

    private void acceptOfLine(byte next) throws ProtocolException {
        require(count < LINE_START.length ? next == LINE_START[count] : true, "no PROXY header");
        require(count < LONGEST_LINE, "a PROXY line longer than " + LONGEST_LINE + " bytes");
        boolean afterCr = held[count - 1] == '\r';
        require(afterCr == (next == '\n'), "a PROXY line that does not end by CR LF");
        held[count++] = next;
        if (afterCr) {
            source = sourceOf(new String(held, 0, count - 2, StandardCharsets.ISO_8859_1));
            state = State.DONE;
        }
    }

    private @Nullable InetSocketAddress sourceOf(String line) throws ProtocolException {
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return null;
        }
        Pattern family =
                switch (words[1]) {
                    case "TCP4" -> IPV4;
                    case "TCP6" -> IPV6;
                    default -> null;
                };
        require(family != null && words.length == 6, "a PROXY line of no known family");
        address(words[3], words[5], family);
        return address(words[2], words[4], family);
    }

    private InetSocketAddress address(String host, String port, @Nullable Pattern family)
            throws ProtocolException {
        require(family != null && family.matcher(host).matches(), "no address in a PROXY line");
        require(PORT.matcher(port).matches(), "no port in a PROXY line");
        int number = Integer.parseInt(port);
        require(number <= 0xFFFF, "no port in a PROXY line");
        try {
            InetAddress address =
                    family == IPV4 ? Inet4Address.ofLiteral(host) : Inet6Address.ofLiteral(host);
            return new InetSocketAddress(address, number);
        } catch (IllegalArgumentException e) {
            state = State.MALFORMED;
            throw new ProtocolException("no address in a PROXY line");
        }
    }

    // ---- version 2 ------------------------------------------------------------------------------

    private void acceptOfFixed(byte next) throws ProtocolException {
        require(count < SIGNATURE.length ? next == SIGNATURE[count] : true, "no PROXY header");
        held[count++] = next;
        if (count < FIXED_BYTES) {
            return;
        }
        int version = held[12] >> 4 & 0xF;
        require(version == 2 && (held[12] & 0xF) <= 1, "a PROXY header of an unknown version");
        require((held[13] >> 4 & 0xF) <= 3 && (held[13] & 0xF) <= 2, "an unknown PROXY family");
        int length = (held[14] & 0xFF) << 8 | held[15] & 0xFF;
        require(length <= LONGEST_BLOCK, "a PROXY header longer than " + LONGEST_BLOCK + " bytes");
        require(
                !speaksForAnother() || length >= addressBytes(),
                "a PROXY header without addresses");
        total = FIXED_BYTES + length;
        held = Arrays.copyOf(held, total);
        state = State.BLOCK;
        endOfBlock();
    }

    private boolean speaksForAnother() {
        return (held[12] & 0xF) == 1;
    }

    /** What its family needs; 0 for one that has none. */
    private int addressBytes() {
        return switch (held[13] >> 4 & 0xF) {
            case 1 -> IPV4_BYTES;
            case 2 -> IPV6_BYTES;
            case 3 -> UNIX_BYTES;
            default -> 0;
        };
    }

    private void endOfBlock() {
        if (count == total) {
            state = State.DONE;
            source = speaksForAnother() ? sourceOfBlock() : null;
        }
    }

    /** Null for what is no TCP: the connection itself is then all that is known. */
    private @Nullable InetSocketAddress sourceOfBlock() {
        int size =
                switch (held[13]) {
                    case 0x11 -> 4;
                    case 0x21 -> 16;
                    default -> 0;
                };
        if (size == 0) {
            return null;
        }
        int portAt = FIXED_BYTES + 2 * size;
        int port = (held[portAt] & 0xFF) << 8 | held[portAt + 1] & 0xFF;
        try {
            byte[] address = Arrays.copyOfRange(held, FIXED_BYTES, FIXED_BYTES + size);
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // four bytes or sixteen
        }
    }
}
