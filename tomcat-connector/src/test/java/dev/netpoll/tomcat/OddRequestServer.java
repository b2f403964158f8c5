// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestContexts;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.Context;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;

/** What the servers of a differential run have in common: handlers that say what reached them. */
final class OddRequestServer {

    private OddRequestServer() {}

    static TestServer.Builder on(String protocol) {
        return TestServer.on(protocol)
                .handle("/echo", OddRequestServer::echo)
                .handle("/ignore", (request, response) -> ServerContract.text(response, "ignored"))
                .handle(
                        "/slow",
                        (request, response) -> {
                            pause();
                            echo(request, response);
                        })
                .handle("/early", OddRequestServer::early)
                .handle("/late", OddRequestServer::late)
                .handle("/params", OddRequestServer::params)
                .handle("/async", OddRequestServer::async)
                .handle(
                        "/sentinel",
                        (request, response) -> ServerContract.text(response, "sentinel"))
                .property("maxSwallowSize", 4096)
                .property("maxExtensionSize", 64)
                .property("maxTrailerSize", 128)
                .context(OddRequestServer::plainErrors);
    }

    /**
     * After the last case: closes {@code servers}, once they and {@code contexts} have nothing under way, and holds
     * what the process has then against {@code before}, and what was logged.
     */
    static void close(
            List<TestServer> servers,
            RequestContexts contexts,
            ProcessResources before,
            LogRecorder log)
            throws Exception {
        try {
            for (TestServer server : servers) {
                // Tomcat's acceptors count the connection they wait for.
                Bounded.until(() -> server.connectionCount() <= 1, server::connectionCount);
            }
            // Not on NIO, which forgets an asynchronous request whose client resets just when it
            // completes: flushBufferedWrite() throws, and no listener is told.
            Bounded.until(() -> contexts.active() == 0, () -> contexts.active() + " active");
        } finally {
            for (TestServer server : servers) {
                server.close();
            }
            log.uninstall();
        }
        Bounded.until(
                () -> ProcessResources.now().beyond(before).isEmpty(),
                () -> ProcessResources.now().beyond(before));
        assertThat(log.drain()).as("logged at WARNING or above").isEmpty();
    }

    private static void plainErrors(Context context) {
        ErrorReportValve valve = new ErrorReportValve();
        valve.setShowReport(false);
        ((StandardHost) context.getParent()).getPipeline().addValve(valve);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(3);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static void echo(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] body = request.getInputStream().readAllBytes();
        write(facts(request), body, response);
    }

    private static void write(String facts, byte[] body, HttpServletResponse response)
            throws IOException {
        ByteArrayOutputStream echo = new ByteArrayOutputStream();
        echo.writeBytes(facts.getBytes(StandardCharsets.UTF_8));
        echo.writeBytes(body);
        response.setContentType("application/octet-stream");
        response.setContentLength(echo.size());
        response.getOutputStream().write(echo.toByteArray());
    }

    private static String facts(HttpServletRequest request) {
        StringBuilder facts = new StringBuilder();
        facts.append(request.getMethod()).append(' ').append(request.getRequestURI());
        facts.append('?')
                .append(request.getQueryString())
                .append(' ')
                .append(request.getProtocol());
        facts.append(' ').append(request.getScheme()).append(' ').append(request.getServerName());
        facts.append(' ')
                .append(request.getServletPath())
                .append(request.getPathInfo())
                .append('\n');
        for (String name : Collections.list(request.getHeaderNames())) {
            for (String value : Collections.list(request.getHeaders(name))) {
                facts.append(name).append('=').append(value).append('\n');
            }
        }
        if (request.isTrailerFieldsReady()) {
            facts.append(new TreeMap<>(request.getTrailerFields()));
        }
        return facts.append("body ").toString();
    }

    /** Answers, and only then reads. */
    private static void early(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        ServerContract.text(response, "early");
        response.flushBuffer();
        request.getInputStream().readAllBytes();
    }

    /** Reads a part, answers in two parts of no known length. */
    private static void late(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] part = request.getInputStream().readNBytes(7);
        response.getOutputStream().print("read " + part.length);
        response.flushBuffer();
        response.getOutputStream().print(" of some");
    }

    private static void params(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StringBuilder text = new StringBuilder();
        for (String name : Collections.list(request.getParameterNames())) {
            text.append(name)
                    .append('=')
                    .append(List.of(request.getParameterValues(name)))
                    .append('\n');
        }
        ServerContract.text(response, text.toString());
    }

    /** Reads on the request's thread, since a body that is wrong there is told to it alone. */
    private static void async(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        byte[] body = request.getInputStream().readAllBytes();
        String facts = facts(request);
        AsyncContext async = request.startAsync();
        async.start(
                () -> {
                    try {
                        write(facts, body, response);
                        async.complete();
                    } catch (IOException | IllegalStateException theClientIsGone) {
                        // nobody to tell
                    }
                });
    }
}
