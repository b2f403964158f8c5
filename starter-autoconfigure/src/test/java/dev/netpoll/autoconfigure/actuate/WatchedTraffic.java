// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Requests of all kinds, the same for the same seed. */
final class WatchedTraffic {

    private static final List<String> PATHS =
            List.of(
                    "/ok",
                    "/ok",
                    "/route/1",
                    "/route/2",
                    "/throws",
                    "/throws/nameless",
                    "/refuses",
                    "/handled",
                    "/status/204",
                    "/status/302",
                    "/status/404",
                    "/status/503",
                    "/status/599",
                    "/callable",
                    "/callable/throws",
                    "/deferred",
                    "/future",
                    "/sse",
                    "/reads",
                    "/adds",
                    "/overrides",
                    "/error",
                    "/named/1",
                    "/event",
                    "/child",
                    "/spans",
                    "/baggage",
                    "/thread",
                    "/nothing",
                    "/nope",
                    "/nope/2",
                    "/");

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "GET", "HEAD", "POST", "DELETE", "BREW");

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    /** Each as name and value in turn; mostly none. */
    private static final List<List<String>> HEADERS =
            List.of(
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of("traceparent", "00-" + TRACE + "-" + SPAN + "-01"),
                    List.of("traceparent", "00-" + TRACE + "-" + SPAN + "-00"),
                    List.of("traceparent", "nonsense"),
                    List.of("tracestate", "a=b"),
                    List.of("TraceParent", "00-" + TRACE + "-" + SPAN + "-01", "tracestate", "a=b"),
                    List.of("b3", TRACE + "-" + SPAN + "-1"),
                    List.of("B3", "0"),
                    List.of("X-B3-TraceId", TRACE, "X-B3-SpanId", SPAN, "X-B3-Sampled", "1"),
                    List.of("X-B3-TraceId", TRACE, "X-B3-SpanId", SPAN, "X-B3-Sampled", "0"),
                    List.of("X-B3-Sampled", "1"),
                    List.of("X-B3-Flags", "1"),
                    List.of("baggage", "color=red,shape=round"),
                    List.of("color", "green"));

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * A request.
     *
     * @param method its method
     * @param path its path
     * @param headers names and values in turn
     */
    record Asked(String method, String path, List<String> headers) {}

    static List<Asked> requests(long seed, int number, boolean headers) {
        var random = new Random(seed);
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            all.add(
                    new Asked(
                            one(METHODS, random),
                            one(PATHS, random),
                            headers ? one(HEADERS, random) : List.of()));
        }
        return all;
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    /** Returns status and body; those of an error are the container's. */
    String send(int port, Asked asked) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + asked.path()))
                        .method(asked.method(), HttpRequest.BodyPublishers.noBody());
        if (!asked.headers().isEmpty()) {
            request.headers(
                    Stream.of(asked.headers()).flatMap(List::stream).toArray(String[]::new));
        }
        HttpResponse<String> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + (response.statusCode() < 400 ? " " + response.body() : "");
    }
}
