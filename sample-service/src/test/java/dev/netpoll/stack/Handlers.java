// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import dev.netpoll.context.task.TaskGroup;

import io.github.resilience4j.bulkhead.annotation.Bulkhead;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What the sample has no use for and the tests have. */
@RestController
class Handlers {

    /** Has one permit. */
    static final String BULKHEAD = "one-query";

    /** Half a minute of the database's time. */
    @Component
    static class SlowQuery {

        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();
        private final JdbcClient jdbc;

        SlowQuery(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        int begun() {
            return begun.get();
        }

        int ended() {
            return ended.get();
        }

        Integer run() {
            begun.incrementAndGet();
            try {
                return jdbc.sql("select 1 from pg_sleep(30)").query(Integer.class).single();
            } finally {
                ended.incrementAndGet();
            }
        }

        @Async
        CompletableFuture<Integer> runBeside() {
            return CompletableFuture.completedFuture(run());
        }
    }

    /** The same behind a bulkhead, which hands out the future and holds the permit. */
    @Component
    static class GuardedQuery {

        private final SlowQuery query;

        GuardedQuery(SlowQuery query) {
            this.query = query;
        }

        @Bulkhead(name = BULKHEAD)
        public CompletableFuture<Integer> run() {
            return query.runBeside();
        }
    }

    final AtomicBoolean spinning = new AtomicBoolean();
    final AtomicBoolean enough = new AtomicBoolean();
    private final SlowQuery query;
    private final GuardedQuery guarded;
    private final RestClient client;

    Handlers(SlowQuery query, GuardedQuery guarded, RestClient.Builder client) {
        this.query = query;
        this.guarded = guarded;
        this.client = client.build();
    }

    /** So many calls of another service at once. */
    @GetMapping("/test/downstream")
    String downstream(@RequestParam String url, @RequestParam int calls)
            throws InterruptedException {
        try (TaskGroup group = TaskGroup.open()) {
            for (int i = 0; i < calls; i++) {
                group.fork(() -> client.get().uri(url).retrieve().body(String.class));
            }
            group.join();
            return "never";
        }
    }

    /** So many tasks that all want a connection, and then the database. */
    @GetMapping("/test/group")
    String group(@RequestParam int tasks) throws InterruptedException {
        try (TaskGroup group = TaskGroup.open()) {
            for (int i = 0; i < tasks; i++) {
                group.fork(query::run);
            }
            group.join();
            return "never";
        }
    }

    @GetMapping("/test/async")
    String async() throws InterruptedException, ExecutionException {
        return "never " + query.runBeside().get();
    }

    @GetMapping("/test/bulkhead")
    String bulkhead() throws InterruptedException, ExecutionException {
        return "never " + guarded.run().get();
    }

    /** Ignores its deadline, its interrupt and its client until the test has had enough. */
    @GetMapping("/test/spin")
    String spin() {
        spinning.set(true);
        while (!enough.get()) {
            Thread.onSpinWait();
        }
        return "a success that comes too late";
    }
}
