// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.Filter;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Two applications get the same seeded requests: one with Spring Boot's filters, one with ours in their place. What
 * filters around them, servlets and handlers see is equal, and so is every response.
 */
class JoinedFilterDifferentialTest {

    private static final int REQUESTS = Integer.getInteger("netpoll.filters.requests", 800);
    private static final long SEED = Long.getLong("netpoll.filters.seed", 12);

    private final List<ConfigurableApplicationContext> both = new ArrayList<>();

    @AfterEach
    void close() {
        both.forEach(ConfigurableApplicationContext::close);
    }

    @Test
    void requestsAreSeenAsBehindSpringBootsFilters() throws Exception {
        exchangeWith(FilteredApplication.class, FilterJoinerTest.UNOBSERVED);
        assertThat(FilterJoinerTest.chain(both.getLast())).contains("netpollJoinedFilter");
    }

    @Test
    void aFilterBetweenThemSeesTheSame() throws Exception {
        exchangeWith(Between.class, FilterJoinerTest.UNOBSERVED);
        assertThat(FilterJoinerTest.chain(both.getLast())).contains("netpollJoinedFilter");
    }

    @Test
    void observedRequestsAreSeenTheSame() throws Exception {
        exchangeWith(FilteredApplication.class);
        assertThat(FilterJoinerTest.chain(both.getLast())).contains("netpollJoinedFilter");
    }

    @Test
    void anEncodingThatIsNotForcedIsTheSame() throws Exception {
        exchangeWith(
                FilteredApplication.class,
                FilterJoinerTest.UNOBSERVED,
                "--spring.servlet.encoding.force=false",
                "--spring.servlet.encoding.charset=ISO-8859-1");
    }

    @Configuration(proxyBeanMethods = false)
    static class Between extends FilteredApplication {

        @Bean
        FilterRegistrationBean<Filter> between() {
            return noting("between", -5_000);
        }
    }

    private void exchangeWith(Class<?> application, String... properties) throws Exception {
        both.add(start(application, properties, "--netpoll.joined-filters.enabled=false"));
        both.add(start(application, properties, "--netpoll.joined-filters.enabled=true"));
        Random random = new Random(SEED);
        for (int i = 0; i < REQUESTS; i++) {
            String request = request(random);
            List<String> expected = exchange(both.getFirst(), request);
            assertThat(exchange(both.getLast(), request)).as(request).isEqualTo(expected);
        }
    }

    private static ConfigurableApplicationContext start(
            Class<?> application, String[] properties, String joined) {
        List<String> all = new ArrayList<>(List.of(properties));
        all.add(joined);
        return FilteredApplication.run(application, all.toArray(String[]::new));
    }

    private static String request(Random random) {
        String path =
                pick(
                        random,
                        "/echo",
                        "/servlet/x",
                        "/servlet/forward",
                        "/servlet/include",
                        "/servlet/body",
                        "/servlet/error",
                        "/servlet/fail",
                        "/servlet/dispatch",
                        "/async",
                        "/async/fail",
                        "/fail",
                        "/unknown");
        String body = pick(random, "", "a=1&b=%C3%BC", "a=2&c=x+y", "{}");
        return pick(random, "GET", "POST", "PUT", "PATCH", "DELETE")
                + " "
                + path
                + pick(random, "", "?a=0&q=%FC", "?b=")
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + pick(
                        random,
                        "",
                        "Content-Type: application/x-www-form-urlencoded\r\n",
                        "Content-Type: application/x-www-form-urlencoded;charset=ISO-8859-1\r\n",
                        "Content-Type: application/json\r\n",
                        "Content-Type: nonsense\r\n")
                + pick(random, "", "Accept-Language: de-CH,fr;q=0.5\r\n")
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body;
    }

    private static String pick(Random random, String... from) {
        return from[random.nextInt(from.length)];
    }

    /** The response, and what was noted meanwhile. */
    private static List<String> exchange(ConfigurableApplicationContext server, String request)
            throws IOException {
        List<String> notes = server.getBean(FilteredApplication.class).notes;
        notes.clear();
        int port =
                Objects.requireNonNull(((WebServerApplicationContext) server).getWebServer())
                        .getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            byte[] response = socket.getInputStream().readAllBytes();
            Bounded.until(() -> hasEnded(notes), () -> notes + " goes on");
            List<String> all = new ArrayList<>(notes);
            all.add(withoutTime(new String(response, StandardCharsets.UTF_8)));
            return all;
        }
    }

    /** As often as a dispatch has begun, one has ended. */
    private static boolean hasEnded(List<String> notes) {
        return notes.stream().filter(note -> note.startsWith("outermost begins")).count()
                == notes.stream().filter(note -> note.startsWith("outermost ends")).count();
    }

    private static String withoutTime(String response) {
        return response.replaceFirst("Date: [^\r]*", "")
                .replaceFirst("\"timestamp\":\"[^\"]*\"", "");
    }
}
