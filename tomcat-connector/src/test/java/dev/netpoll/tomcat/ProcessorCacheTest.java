// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Where HTTP processors are between two requests. */
class ProcessorCacheTest {

    private static final int THREADS = 4;
    private static final int ROUNDS = 100_000;

    private final NetpollHttp11Protocol protocol = new NetpollHttp11Protocol();
    private final ProcessorCache cache = protocol.processors();
    private final List<TestServer> servers = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (TestServer server : servers) {
            server.close();
        }
    }

    private NetpollHttp11Processor made() {
        return (NetpollHttp11Processor) protocol.createProcessor();
    }

    @Test
    void theLatestOfALoopIsTakenFirstAndThoseOfOthersLast() {
        NetpollHttp11Processor earlier = made();
        NetpollHttp11Processor later = made();
        NetpollHttp11Processor elsewhere = made();
        cache.keep(elsewhere, 1);
        cache.keep(earlier, 0);
        cache.keep(later, 0);

        assertThat(cache.take(0)).isSameAs(later);
        assertThat(cache.take(0)).isSameAs(earlier);
        assertThat(cache.take(0)).isSameAs(elsewhere);
        assertThat(cache.take(0)).isNull();
    }

    @Test
    void clearedItHasNone() {
        cache.keep(made(), 0);
        cache.keep(made(), 5);
        cache.clear();
        assertThat(cache.take(0)).isNull();
    }

    /** Two loops' threads, two of each: a processor that two had at once would serve two connections. */
    @Test
    void noneIsTakenByTwo() {
        AtomicInteger[] holders = new AtomicInteger[2 * THREADS];
        List<NetpollHttp11Processor> all = new ArrayList<>();
        for (int i = 0; i < holders.length; i++) {
            holders[i] = new AtomicInteger();
            all.add(made());
            cache.keep(all.get(i), i & 1);
        }
        List<CompletableFuture<Integer>> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int loop = i & 1;
            threads.add(Bounded.background(() -> takeAndKeep(all, holders, loop)));
        }

        assertThat(threads.stream().mapToInt(Bounded::value).sum()).isZero();
        List<NetpollHttp11Processor> left = new ArrayList<>();
        NetpollHttp11Processor one;
        while ((one = cache.take(0)) != null) {
            left.add(one);
        }
        assertThat(left).containsExactlyInAnyOrderElementsOf(all);
    }

    /** How many were taken that another had. */
    private int takeAndKeep(List<NetpollHttp11Processor> all, AtomicInteger[] holders, int loop) {
        int shared = 0;
        for (int i = 0; i < ROUNDS; i++) {
            NetpollHttp11Processor taken = cache.take(loop);
            if (taken == null) {
                continue; // those that were left have moved past the look
            }
            AtomicInteger holder = holders[all.indexOf(taken)];
            shared += holder.incrementAndGet() == 1 ? 0 : 1;
            holder.decrementAndGet();
            cache.keep(taken, loop);
        }
        return shared;
    }

    // ---- in a server

    private NetpollHttp11Protocol serve(Object processorCache) throws Exception {
        TestServer server =
                TestServer.on(NetpollHttp11Protocol.class.getName())
                        .property("processorCache", processorCache)
                        .handle("/hello", (_, response) -> response.getWriter().print("hello"))
                        .onStart(servers::add)
                        .start();
        for (int i = 0; i < 5; i++) {
            try (RawClient client = server.client()) {
                assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
                assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            }
        }
        return (NetpollHttp11Protocol) server.protocol();
    }

    /** It is kept before the loop looks at the connection again, but after the client has its response. */
    @ParameterizedTest
    @CsvSource({"200", "-1"})
    void oneThatHasServedIsKeptHere(int processorCache) throws Exception {
        NetpollHttp11Protocol serving = serve(processorCache);
        List<NetpollHttp11Processor> kept = new ArrayList<>();
        Bounded.until(
                "one that has served is kept",
                () -> {
                    NetpollHttp11Processor taken = serving.processors().take(0);
                    if (taken != null) {
                        kept.add(taken);
                    }
                    return kept.stream().anyMatch(ProcessorCacheTest::hasServed);
                });
    }

    /** Another may have met the end of a connection beside it. */
    private static boolean hasServed(NetpollHttp11Processor processor) {
        return processor.getRequest().getRequestProcessor().getRequestCount() > 0;
    }

    @Test
    void whereTheirNumberIsLimitedTomcatKeepsThem() throws Exception {
        assertThat(serve(10).processors().take(0)).isNull();
    }
}
