// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import jakarta.annotation.PreDestroy;

import org.springframework.stereotype.Component;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The service downstream, played by the JDK's HTTP server on a port of its own: answers a price after
 * the delay it is asked for.
 */
@Component
class PriceService {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    PriceService() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/prices/", PriceService::answer);
        server.start();
    }

    String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getQuery();
            Thread.sleep(Long.parseLong(query.substring(query.indexOf('=') + 1)));
            String sku = exchange.getRequestURI().getPath().substring("/prices/".length());
            byte[] price = Integer.toString(100 + sku.length()).getBytes(StandardCharsets.US_ASCII);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, price.length);
            exchange.getResponseBody().write(price);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @PreDestroy
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }
}
