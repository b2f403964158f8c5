// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.actuate.EndpointsByPath;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.webmvc.actuate.endpoint.web.AdditionalHealthEndpointPathsWebMvcHandlerMapping;
import org.springframework.boot.webmvc.actuate.endpoint.web.WebMvcEndpointHandlerMapping;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;
import org.springframework.web.util.UrlPathHelper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
                                        late(mapping(each), "/late/{one}"),
                                        new Late(),
                                        Objects.requireNonNull(
                                                ReflectionUtils.findMethod(Late.class, "late"))));
        String request = get("/late/one");
        assertThat(answer(pair.ours(), request))
                .isEqualTo(answer(pair.springs(), request))
                .startsWith("200")
                .endsWith("late");
    }

    @Test
    void aRequestForTheApplicationIsNotLookedUpInMappingsOfTheActuator() throws Exception {
        start("--management.endpoints.web.exposure.include=*");
        for (RequestMappingInfoHandlerMapping mapping :
                mappingsBeforeTheApplications(pair.ours())) {
            var request = new CountingRequest();
            ServletRequestPathUtils.parseAndCache(request);
            request.removed.clear();
            assertThat(mapping.getHandler(request)).isNull();
            assertThat(request.removed)
                    .as(mapping.getClass().getName())
                    .doesNotContain(UrlPathHelper.PATH_ATTRIBUTE);
        }
    }

    @Test
    void theActuatorsMappingsAreOfTheSameTypesAndNames() {
        start();
        assertThat(names(pair.ours())).hasSize(3).isEqualTo(names(pair.springs()));
        for (Class<?> type :
                List.of(
                        AdditionalHealthEndpointPathsWebMvcHandlerMapping.class,
                        WebMvcEndpointHandlerMapping.class)) {
            assertThat(pair.ours().getBeanNamesForType(type)).hasSize(1);
        }
    }

    @Test
    void whatIsMappedLaterInAMappingThatWasEmptyIsFound() throws Exception {
        start();
        pair.each(
                each -> {
                    for (RequestMappingInfoHandlerMapping mapping :
                            mappingsBeforeTheApplications(each)) {
                        mapping.registerMapping(
                                late(mapping, "/late/" + place(mapping)),
                                new Late(),
                                Objects.requireNonNull(
                                        ReflectionUtils.findMethod(Late.class, "late")));
                    }
                });
        for (String place : List.of("web", "health", "controllers")) {
            String request = get("/late/" + place);
            assertThat(answer(pair.ours(), request))
                    .isEqualTo(answer(pair.springs(), request))
                    .startsWith("200")
                    .endsWith("late");
        }
    }

    @Test
    void aHealthGroupIsFoundUnderItsOwnPath() throws Exception {
        start(
                "--management.endpoint.health.group.live.include=ping",
                "--management.endpoint.health.group.live.additional-path=server:/livez");
        for (String path : List.of("/livez", "/livez/", "/livez/ping", "/actuator/health/live")) {
            assertThat(answer(pair.ours(), get(path)))
                    .as(path)
                    .isEqualTo(answer(pair.springs(), get(path)));
        }
        assertThat(answer(pair.ours(), get("/livez"))).startsWith("200");
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    }

    private static String place(RequestMappingInfoHandlerMapping mapping) {
        return switch (mapping) {
            case WebMvcEndpointHandlerMapping _ -> "web";
            case AdditionalHealthEndpointPathsWebMvcHandlerMapping _ -> "health";
            default -> "controllers";
        };
    }

    /** Those of the actuator. */
    private static List<RequestMappingInfoHandlerMapping> mappingsBeforeTheApplications(
            ConfigurableApplicationContext context) {
        return context.getBeansOfType(RequestMappingInfoHandlerMapping.class).values().stream()
                .filter(each -> each.getOrder() < 0)
                .toList();
    }

    private static List<String> names(ConfigurableApplicationContext context) {
        return context.getBeansOfType(RequestMappingInfoHandlerMapping.class).entrySet().stream()
                .filter(each -> each.getValue().getOrder() < 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static RequestMappingInfo late(RequestMappingInfoHandlerMapping mapping, String path) {
        var options = new RequestMappingInfo.BuilderConfiguration();
        options.setPatternParser(Objects.requireNonNull(mapping.getPatternParser()));
        return RequestMappingInfo.paths(path).options(options).build();
    }

    /** For the application's own path. */
    private static final class CountingRequest extends MockHttpServletRequest {

        private final List<String> removed = new ArrayList<>();

        private CountingRequest() {
            super("GET", "/hello");
        }

        @Override
        public void removeAttribute(String name) {
            removed.add(name);
            super.removeAttribute(name);
        }
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
