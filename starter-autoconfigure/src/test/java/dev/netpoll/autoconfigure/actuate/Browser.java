// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.netpoll.testsupport.Bounded;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A real headless Chromium with one page, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {

    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome");

    private final JsonMapper json = new JsonMapper();
    private final Process process;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> pending = new ConcurrentHashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;

    private Browser(Process process, URI page) {
        this.process = process;
        this.socket = http.newWebSocketBuilder().buildAsync(page, new Answers()).join();
    }

    /**
     * Starts one with an empty profile in {@code directory}. Where there is none the test is abandoned,
     * or fails where that was forbidden.
     */
    static Browser start(Path directory) throws Exception {
        String chromium = find();
        if (chromium == null) {
            String why = "Chromium is needed for the page's test and is not here";
            if (Boolean.parseBoolean(System.getenv("REQUIRE_DOCKER"))
                    || System.getenv("CI") != null) {
                fail(why);
            }
            assumeTrue(false, why);
        }
        Path profile = Files.createDirectories(directory.resolve("profile"));
        Process process =
                new ProcessBuilder(
                                String.valueOf(chromium),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-quic",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--hide-scrollbars",
                                "--remote-debugging-port=0",
                                "--remote-allow-origins=*",
                                "--user-data-dir=" + profile,
                                "about:blank")
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("chromium.log").toFile())
                        .start();
        try {
            return new Browser(process, page(profile));
        } catch (Exception | AssertionError e) {
            end(process);
            throw e;
        }
    }

    private static @Nullable String find() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    /** Chromium writes down where it listens. */
    private static URI page(Path profile) throws Exception {
        Path file = profile.resolve("DevToolsActivePort");
        List<String> lines =
                Bounded.eventually(
                        () -> Files.exists(file) ? Files.readAllLines(file) : List.<String>of(),
                        read -> read.size() >= 2);
        int port = Integer.parseInt(lines.getFirst());
        JsonNode targets =
                Bounded.eventually(
                        () -> new JsonMapper().readTree(Wire.get(port, "/json/list").body()),
                        list -> pageOf(list) != null);
        return URI.create("ws://127.0.0.1:" + port + pageOf(targets));
    }

    private static @Nullable String pageOf(JsonNode targets) {
        for (JsonNode target : targets) {
            if (target.path("type").asString().equals("page")) {
                return URI.create(target.path("webSocketDebuggerUrl").asString()).getPath();
            }
        }
        return null;
    }

    /** Goes there, in a window of that size. */
    void open(String url, int width, int height) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        call("Page.enable", Map.of());
        call("Page.navigate", Map.of("url", url));
    }

    /** As if the operator's system were set so: {@code dark} or {@code light}. */
    void prefer(String scheme) throws Exception {
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    /** Presses a key where the focus is. */
    void press(String key) throws Exception {
        boolean letter = key.length() == 1;
        Map<String, Object> event =
                letter ? Map.of("key", key, "text", key) : Map.of("key", key, "code", key);
        call("Input.dispatchKeyEvent", with(event, letter ? "keyDown" : "rawKeyDown"));
        call("Input.dispatchKeyEvent", with(Map.of("key", key), "keyUp"));
    }

    private static Map<String, Object> with(Map<String, Object> event, String type) {
        Map<String, Object> all = new HashMap<>(event);
        all.put("type", type);
        return all;
    }

    /** The value of a JavaScript expression, as text. */
    String evaluate(String expression) throws Exception {
        JsonNode answer =
                call("Runtime.evaluate", Map.of("expression", "String(" + expression + ")"));
        assertThat(answer.has("exceptionDetails")).as(answer.toString()).isFalse();
        return answer.at("/result/value").asString();
    }

    /** Waits until the expression is {@code true}. */
    void await(String expression) throws Exception {
        Bounded.eventually(() -> evaluate(expression), "true"::equals);
    }

    /** A picture of all the page, as PNG. */
    void screenshot(Path file) throws Exception {
        JsonNode answer =
                call(
                        "Page.captureScreenshot",
                        Map.of("format", "png", "captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(answer.path("data").asString()));
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        pending.put(id, answer);
        String text =
                json.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
        socket.sendText(text, true).get(BOUND.toSeconds(), TimeUnit.SECONDS);
        JsonNode whole = answer.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        assertThat(whole.has("error")).as(method + ": " + whole).isFalse();
        return whole.path("result");
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        http.close();
        end(process);
    }

    private static void end(Process process) throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Puts the pieces of each message together. On the client's threads, one at a time. */
    private final class Answers implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(
                WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                JsonNode message = json.readTree(text.toString());
                text.setLength(0);
                CompletableFuture<JsonNode> waiting = pending.remove(message.path("id").asInt());
                if (waiting != null) {
                    waiting.complete(message);
                }
            }
            from.request(1);
            return null;
        }
    }
}
