// SPDX-License-Identifier: Apache-2.0
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds many connections to one server open while its memory is looked at from outside.
 *
 * <p>{@code java HoldConnections.java idle PORT COUNT PATH} makes one request on each connection,
 * reads its answer, and leaves the connection idle; {@code inflight} only sends the request. Both
 * print {@code READY} then, and hold until standard input ends. After that {@code idle} prints how
 * many connections were still open, and {@code inflight} how many answers had already come before,
 * how many came at all, and after how many milliseconds the last one did. {@code burst} holds nothing:
 * it connects first, then sends all requests at once, prints after how many milliseconds they were
 * sent, and the same about their answers.
 *
 * <p>One thread. Connections are spread over the addresses 127.0.0.2 and up, since each has only so
 * many ports.
 */
final class HoldConnections {

    private static final int CONNECTIONS_PER_ADDRESS = 2_000;
    private static final long ANSWERS_BOUND_MS = 45_000;
    private static final Pattern CONTENT_LENGTH = Pattern.compile("content-length: *([0-9]+)\r\n");

    private final int port;
    private final int count;
    private final byte[] request;
    private final List<SocketChannel> channels = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(16 << 10);

    private HoldConnections(int port, int count, String path) {
        this.port = port;
        this.count = count;
        String text = "GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\n\r\n";
        this.request = text.getBytes(StandardCharsets.US_ASCII);
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 4) {
            System.err.println("usage: HoldConnections.java idle|inflight|burst PORT COUNT PATH");
            System.exit(2);
        }
        HoldConnections holder =
                new HoldConnections(Integer.parseInt(args[1]), Integer.parseInt(args[2]), args[3]);
        switch (args[0]) {
            case "idle" -> holder.holdIdle();
            case "inflight" -> holder.holdInFlight();
            case "burst" -> holder.burst();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private void holdIdle() throws IOException {
        for (int i = 0; i < count; i++) {
            readAnswer(openAndSend(i));
        }
        awaitRelease();
        int open = 0;
        for (SocketChannel channel : channels) {
            channel.configureBlocking(false);
            if (channel.read(buffer.clear()) == 0) {
                open++;
            }
        }
        System.out.println("OPEN " + open);
        closeAll();
    }

    private void holdInFlight() throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            openAndSend(i);
        }
        awaitRelease();
        reportAnswers(start);
        closeAll();
    }

    private void burst() throws IOException {
        for (int i = 0; i < count; i++) {
            open(i);
        }
        long start = System.nanoTime();
        for (SocketChannel channel : channels) {
            send(channel);
        }
        System.out.println("SENT " + millisSince(start));
        reportAnswers(start);
        closeAll();
    }

    private void reportAnswers(long start) throws IOException {
        try (Selector selector = Selector.open()) {
            for (SocketChannel channel : channels) {
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ);
            }
            int early = collectAnswers(selector, 1);
            int total = early;
            long lastMs = millisSince(start);
            while (total < count && lastMs < ANSWERS_BOUND_MS) {
                total += collectAnswers(selector, ANSWERS_BOUND_MS - lastMs);
                lastMs = millisSince(start);
            }
            System.out.println("ANSWERED " + early + " " + total + " " + lastMs);
        }
    }

    private SocketChannel openAndSend(int i) throws IOException {
        SocketChannel channel = open(i);
        send(channel);
        return channel;
    }

    private SocketChannel open(int i) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channels.add(channel);
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.bind(new InetSocketAddress("127.0.0." + (2 + i / CONNECTIONS_PER_ADDRESS), 0));
        channel.connect(new InetSocketAddress("127.0.0.1", port));
        return channel;
    }

    private void send(SocketChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads one answer to its end, by its length or its last chunk. */
    private void readAnswer(SocketChannel channel) throws IOException {
        StringBuilder read = new StringBuilder();
        while (!isWhole(read)) {
            if (channel.read(buffer.clear()) < 0) {
                throw new EOFException("the server closed connection " + channels.size());
            }
            read.append(StandardCharsets.US_ASCII.decode(buffer.flip()));
        }
    }

    private static boolean isWhole(StringBuilder read) {
        int end = read.indexOf("\r\n\r\n");
        if (end < 0) {
            return false;
        }
        String head = read.substring(0, end + 2).toLowerCase(Locale.ROOT);
        if (!head.startsWith("http/1.1 200")) {
            throw new IllegalStateException("not the answer that was expected: " + head);
        }
        Matcher length = CONTENT_LENGTH.matcher(head);
        return length.find()
                ? read.length() - (end + 4) >= Integer.parseInt(length.group(1))
                : read.toString().endsWith("0\r\n\r\n");
    }

    /** How many connections had an answer within the bound; each of them is looked at once. */
    private int collectAnswers(Selector selector, long boundMs) throws IOException {
        selector.select(boundMs);
        int answered = 0;
        for (SelectionKey key : selector.selectedKeys()) {
            key.cancel();
            if (((SocketChannel) key.channel()).read(buffer.clear()) > 0) {
                answered++;
            }
        }
        selector.selectedKeys().clear();
        return answered;
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static void awaitRelease() throws IOException {
        System.out.println("READY");
        while (System.in.read() >= 0) {
            // Nothing is said to this program but the end.
        }
    }

    private void closeAll() throws IOException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
    }
}
