// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Another server, of a raw socket: {@code /hang/key} never answers and tells the probes {@code
 * key.running} and, when its client has closed, {@code key.gone}; {@code /503} fails; all else answers
 * with the deadline header it got.
 */
final class Downstream implements AutoCloseable {

    private final ServerSocket listener;
    private final Probes probes;

    Downstream(Probes probes) {
        this.probes = probes;
        try {
            listener = new ServerSocket(0, 1_000, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // the end of the test
        }
    }

    private void serve(Socket socket) {
        String key = "";
        try (socket) {
            String head = readHead(socket.getInputStream());
            if (head.isEmpty()) {
                return;
            }
            String path = head.split(" ")[1];
            if (path.startsWith("/hang/")) {
                key = path.substring("/hang/".length());
                probes.tell(key + ".running", true);
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            } else if (path.startsWith("/503")) {
                answer(socket, "503 Oh", "");
            } else {
                answer(socket, "200 OK", header(head));
            }
        } catch (IOException reset) {
            // as good an end as any
        } finally {
            if (!key.isEmpty()) {
                probes.tell(key + ".gone", true);
            }
        }
    }

    private static String header(String head) {
        return head.lines()
                .filter(l -> l.toLowerCase(Locale.ROOT).startsWith("x-request-timeout-ms:"))
                .map(l -> l.substring(l.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("none");
    }

    private static void answer(Socket socket, String status, String body) throws IOException {
        String text =
                "HTTP/1.1 "
                        + status
                        + "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body;
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
