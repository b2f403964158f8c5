// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.observation;

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
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a request for the application's own path costs in the mappings that the actuator has before the application's:
 * those of Spring Boot, and with netpoll. With {@code -t 2} they are asked on two threads, as by two loops.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ActuatorMappingsBenchmark {

    @Param({"false", "true"})
    public boolean netpoll;

    private ConfigurableApplicationContext context = new GenericApplicationContext();
    private List<RequestMappingInfoHandlerMapping> mappings = List.of();

    /** Of one thread. */
    @State(Scope.Thread)
    public static class Request {

        private final MockHttpServletRequest request = new MockHttpServletRequest("GET", "/hello");

        @Setup(Level.Trial)
        public void parse() {
            ServletRequestPathUtils.parseAndCache(request);
        }
    }

    @Setup(Level.Trial)
    public void start() {
        context =
                SpringApplication.run(
                        ObservedRequestBenchmark.Application.class,
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--management.otlp.metrics.export.enabled=false",
                        "--management.logging.export.otlp.enabled=false",
                        "--netpoll.enabled=" + netpoll);
        mappings =
                context.getBeansOfType(RequestMappingInfoHandlerMapping.class).values().stream()
                        .filter(each -> each.getOrder() < 0)
                        .toList();
    }

    @TearDown(Level.Trial)
    public void stop() {
        context.close();
    }

    @Benchmark
    public int ask(Request of) throws Exception {
        int found = 0;
        for (RequestMappingInfoHandlerMapping mapping : mappings) {
            found += mapping.getHandler(of.request) == null ? 0 : 1;
        }
        return found;
    }
}
