// SPDX-License-Identifier: Apache-2.0
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * {@code java OtlpSink.java PORT} takes what an OTLP/HTTP exporter sends and throws it away: the
 * exporter's work is the server's and belongs to its figures, a collector's does not.
 */
final class OtlpSink {

    private OtlpSink() {}

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        HttpServer server = HttpServer.create(address, 0);
        server.createContext(
                "/",
                exchange -> {
                    try (exchange) {
                        exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
                        // An empty protobuf message: everything was accepted.
                        exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
                        exchange.sendResponseHeaders(200, -1);
                    }
                });
        server.start();
    }
}
