// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.EndpointsByPath;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.webmvc.actuate.endpoint.web.WebMvcEndpointHandlerMapping;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;

/** The actuator's endpoints are found as by Spring Boot's own mapping, wherever they lie and whatever is asked for. */
class EndpointsByPathTest {

    private static final int CASES = 400;
    private static final long SEED = 7;

    private static final List<String> PATHS =
            List.of(
                    "",
                    "/",
                    "/health",
                    "/health/",
                    "/health/ping",
                    "/health/none",
                    "/info",
                    "/nope",
                    "/env/java.version");

    private static final List<String> BEGINNINGS =
            List.of(
                    "%s",
                    "%s", "%s", "%s;a=b", "/%s", "/x%s", "%sx", "/x/..%s", "/%%2e%s", "/%%61%s",
                    "/%%2f%s");

    private static final List<String> METHODS =
            List.of("GET", "GET", "GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW");

    private static final List<String> HEADERS =
            List.of(
                    "",
                    "",
                    "Accept: application/json\r\n",
                    "Accept: image/png\r\n",
                    "Accept: nonsense\r\n",
                    "Content-Type: text/plain\r\n",
                    "Origin: http://other\r\n",
                    "Origin: http://known\r\nAccess-Control-Request-Method: GET\r\n",
                    "Origin: http://other\r\nAccess-Control-Request-Method: GET\r\n");

    private WatchedPair pair;

    @AfterEach
    void close() {
        pair.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator", "/manage/ops", "/", "/Mixed"})
    void oddRequestsAreAnsweredTheSame(String base) throws Exception {
        start(
                "--management.endpoints.web.base-path=" + base,
                "--management.endpoints.web.cors.allowed-origins=http://known");
        var random = new Random(SEED);
        for (int i = 0; i < CASES; i++) {
            String path = base.equals("/") ? "" : random.nextInt(9) == 0 ? upper(base) : base;
            String request =
                    one(METHODS, random)
                            + " "
                            + target(one(BEGINNINGS, random), path + one(PATHS, random))
                            + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + one(HEADERS, random)
                            + "\r\n";
            assertThat(answer(pair.ours(), request))
                    .as(request)
                    .isEqualTo(answer(pair.springs(), request));
        }
    }

    @Test
    void theMappingIsOursUnderSpringBootsName() {
        start();
        assertThat(pair.ours().getBeanNamesForType(WebMvcEndpointHandlerMapping.class))
                .isEqualTo(pair.springs().getBeanNamesForType(WebMvcEndpointHandlerMapping.class));
        assertThat(mapping(pair.ours())).isInstanceOf(EndpointsByPath.class);
        assertThat(mapping(pair.springs())).isExactlyInstanceOf(WebMvcEndpointHandlerMapping.class);
    }

    @Test
    void whatIsMappedLaterIsFound() throws Exception {
        start();
        pair.each(
                each ->
                        mapping(each)
                                .registerMapping(
                                        RequestMappingInfo.paths("/late/{one}")
                                                .options(options(mapping(each)))
                                                .build(),
                                        new Late(),
                                        Objects.requireNonNull(
                                                ReflectionUtils.findMethod(Late.class, "late"))));
        String request = "GET /late/one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assertThat(answer(pair.ours(), request))
                .isEqualTo(answer(pair.springs(), request))
                .startsWith("200")
                .endsWith("late");
    }

    private void start(String... properties) {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add("--management.tracing.sampling.probability=0");
        all.add("--management.endpoint.health.show-details=never");
        pair = new WatchedPair(Plain.class, all.toArray(String[]::new));
    }

    private static WebMvcEndpointHandlerMapping mapping(ConfigurableApplicationContext context) {
        return context.getBean(WebMvcEndpointHandlerMapping.class);
    }

    private static RequestMappingInfo.BuilderConfiguration options(
            WebMvcEndpointHandlerMapping mapping) {
        var options = new RequestMappingInfo.BuilderConfiguration();
        options.setPatternParser(Objects.requireNonNull(mapping.getPatternParser()));
        return options;
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static String upper(String path) {
        return path.toUpperCase(Locale.ROOT);
    }

    private static String target(String beginning, String path) {
        String begun = beginning.formatted(path);
        return begun.startsWith("/") ? begun : "/" + begun;
    }

    /** Its status, type and, where it is of no changing kind, its body. */
    private static String answer(ConfigurableApplicationContext context, String request)
            throws IOException {
        try (Wire client = Wire.to(WatchedPair.port(context))) {
            Wire.Response response = client.send(request).response();
            String body = response.body().replace(":" + WatchedPair.port(context), "");
            return response.status()
                    + " "
                    + response.type()
                    + " "
                    + (body.contains("timestamp") ? "" : body);
        }
    }

    /** Nothing of its own. */
    @Configuration(proxyBeanMethods = false)
    static class Plain {}

    /** Handles what is mapped once the application runs. */
    static final class Late {

        @ResponseBody
        public String late() {
            return "late";
        }
    }
}
