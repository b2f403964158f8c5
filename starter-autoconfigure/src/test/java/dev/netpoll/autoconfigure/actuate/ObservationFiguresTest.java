// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What a request's observation costs, ours and Spring's: warm, on one thread, over a chain without either. */
@EnabledIfSystemProperty(named = "netpoll.long", matches = "true")
class ObservationFiguresTest {

    private static final int ROUNDS = 12;
    private static final int REQUESTS = 400_000;

    private static final FilterChain HANDLER =
            (request, _) ->
                    ServerHttpObservationFilter.findObservationContext((HttpServletRequest) request)
                            .ifPresent(context -> context.setPathPattern("/hello"));

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Time and allocation of one request. */
    private record Cost(double nanos, double bytes) {

        private Cost less(Cost other) {
            return new Cost(nanos - other.nanos, bytes - other.bytes);
        }
    }

    @Test
    void ofARequestThatIsNotSampled() throws Exception {
        compare("0");
    }

    @Test
    void ofATenthThatIsSampled() throws Exception {
        compare("0.1");
    }

    private void compare(String probability) throws Exception {
        String sampling = "--management.tracing.sampling.probability=" + probability;
        try (ConfigurableApplicationContext springs =
                        WatchedApplication.run(
                                ObservationDifferentialTest.Plain.class,
                                Stream.of(sampling, "--netpoll.observation.enabled=false"));
                ConfigurableApplicationContext ours =
                        WatchedApplication.run(
                                ObservationDifferentialTest.Plain.class, Stream.of(sampling))) {
            Filter none = (request, response, chain) -> chain.doFilter(new Kept(request), response);
            Filter spring = filter(springs);
            Filter our = filter(ours);
            Cost theirs = new Cost(0, 0);
            Cost mine = theirs;
            for (int i = 0; i < ROUNDS; i++) {
                Cost bare = run(none);
                theirs = run(spring).less(bare);
                mine = run(our).less(bare);
                forget(springs, ours);
                System.out.printf(
                        "of %s sampled, round %d: bare %.0f ns %.0f B; Spring's %.0f ns %.0f B;"
                                + " ours %.0f ns %.0f B%n",
                        probability,
                        i,
                        bare.nanos,
                        bare.bytes,
                        theirs.nanos,
                        theirs.bytes,
                        mine.nanos,
                        mine.bytes);
            }
            assertThat(mine.nanos).isLessThan(theirs.nanos / 2);
        }
    }

    /** Has the two attributes that a filter sets. */
    private static final class Kept extends HttpServletRequestWrapper {

        Kept(ServletRequest request) {
            super((HttpServletRequest) request);
            setAttribute("filtered", true);
            setAttribute("observation", this);
            setAttribute("context", this);
        }
    }

    private static void forget(ConfigurableApplicationContext... contexts) {
        for (ConfigurableApplicationContext each : contexts) {
            each.getBean(WatchedApplication.Memory.class).spans().reset();
        }
    }

    private static Filter filter(ConfigurableApplicationContext context) {
        return context.getBeansOfType(FilterRegistrationBean.class).values().stream()
                .map(FilterRegistrationBean::getFilter)
                .filter(ServerHttpObservationFilter.class::isInstance)
                .findFirst()
                .orElseThrow();
    }

    private Cost run(Filter filter) throws Exception {
        var response = new MockHttpServletResponse();
        var mock = new MockHttpServletRequest("GET", "/hello");
        long before = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < REQUESTS; i++) {
            filter.doFilter(new Light(mock), response, HANDLER);
        }
        long nanos = System.nanoTime() - start;
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        return new Cost((double) nanos / REQUESTS, (double) bytes / REQUESTS);
    }

    /** With attributes of its own, and headers as a client sends them. */
    private static final class Light extends HttpServletRequestWrapper {

        private static final String[] HEADERS = {
            "host", "user-agent", "accept", "accept-encoding", "connection"
        };

        private final Map<String, Object> attributes = new HashMap<>();

        Light(HttpServletRequest request) {
            super(request);
        }

        @Override
        public @Nullable Object getAttribute(String name) {
            return attributes.get(name);
        }

        @Override
        public void setAttribute(String name, Object value) {
            attributes.put(name, value);
        }

        @Override
        public void removeAttribute(String name) {
            attributes.remove(name);
        }

        @Override
        public @Nullable String getHeader(String name) {
            for (String header : HEADERS) {
                if (header.equalsIgnoreCase(name)) {
                    return "x";
                }
            }
            return null;
        }

        @Override
        public boolean isAsyncStarted() {
            return false;
        }
    }
}
