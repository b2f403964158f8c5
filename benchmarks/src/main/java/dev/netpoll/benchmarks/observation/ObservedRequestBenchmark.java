// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.observation;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.filter.ServerHttpObservationFilter;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The filter that observes a request, in an application with Prometheus's meters and OpenTelemetry's traces as Spring
 * Boot configures them, around a handler that does nothing. What {@code NONE} takes is the harness's, to be subtracted.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ObservedRequestBenchmark {

    private static final FilterChain HANDLER =
            (request, _) ->
                    ServerHttpObservationFilter.findObservationContext((HttpServletRequest) request)
                            .ifPresent(context -> context.setPathPattern("/hello"));

    /** Whose filter it is. */
    public enum Observer {
        /** There is none. */
        NONE,
        /** Spring's. */
        SPRING,
        /** Ours. */
        NETPOLL
    }

    @Param public Observer observer = Observer.NONE;

    /** The part of the traces that is sampled. */
    @Param({"0", "0.1"})
    public String sampled = "0";

    private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/hello");
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private Filter filter = (each, answer, chain) -> chain.doFilter(each, answer);
    private ConfigurableApplicationContext context = new GenericApplicationContext();

    @Setup(Level.Trial)
    public void start() {
        if (observer == Observer.NONE) {
            return;
        }
        context =
                SpringApplication.run(
                        Application.class,
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--management.tracing.sampling.probability=" + sampled,
                        "--management.otlp.metrics.export.enabled=false",
                        "--management.logging.export.otlp.enabled=false",
                        "--netpoll.observation.enabled=" + (observer == Observer.NETPOLL));
        filter =
                context.getBeansOfType(FilterRegistrationBean.class).values().stream()
                        .map(FilterRegistrationBean::getFilter)
                        .filter(ServerHttpObservationFilter.class::isInstance)
                        .findFirst()
                        .orElseThrow();
    }

    @TearDown(Level.Trial)
    public void stop() {
        context.close();
    }

    @Benchmark
    public Object request() throws ServletException, IOException {
        var each = new BenchmarkRequest(request);
        filter.doFilter(each, response, HANDLER);
        return each;
    }

    /** Nothing but what Spring Boot and netpoll configure. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            excludeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
    static class Application {}
}
