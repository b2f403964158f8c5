// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.testsupport.Bounded;
import dev.netpoll.web.RequestDeadline;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Clients leave while their requests search one file that all share, as those of an index do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ContextSharedFileContract {

    private static final int CLIENTS = 32;
    private static final int ROUNDS = 5;

    private FileChannel shared;
    private ConfigurableApplicationContext application;
    private Search search;

    abstract String[] properties();

    @BeforeAll
    void start(@TempDir Path directory) throws IOException {
        shared = FileChannel.open(Files.write(directory.resolve("index"), new byte[4096]));
        Stream<String> always = Stream.of("--server.port=0", "--netpoll.overdue.grace=1h");
        var spring = new SpringApplication(ContextApplication.class, SearchConfiguration.class);
        spring.addInitializers(
                context -> context.getBeanFactory().registerSingleton("sharedFile", shared));
        application =
                spring.run(
                        Stream.concat(
                                        Stream.concat(always, Stream.of("--test.limit=50ms")),
                                        Stream.of(properties()))
                                .toArray(String[]::new));
        search = application.getBean(Search.class);
    }

    @AfterAll
    void stop() throws IOException {
        application.close();
        shared.close();
    }

    private int port() {
        return Objects.requireNonNull(((WebServerApplicationContext) application).getWebServer())
                .getPort();
    }

    @Test
    void whoLeavesDuringASearchDoesNotCloseTheFileOfAllOthers() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            List<WebClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new WebClient(port(), "/search"));
            }
            int all = round * CLIENTS;
            Bounded.until(() -> search.entered.get() == all, search::toString);
            for (WebClient client : clients) {
                client.reset();
            }
            Bounded.until(() -> search.left.get() == all, search::toString);
            assertThat(search.failures).isEmpty();
            assertThat(shared.isOpen()).as("the file that all share is open").isTrue();
        }
        assertThat(search.interrupted)
                .as("all were interrupted where they waited")
                .hasValue(ROUNDS * CLIENTS);
        assertThat(shared.read(ByteBuffer.allocate(8), 0)).isEqualTo(8);
    }

    @Configuration(proxyBeanMethods = false)
    static class SearchConfiguration {

        @Bean
        Search search(FileChannel sharedFile) {
            return new Search(sharedFile);
        }
    }

    @RestController
    static class Search {

        private static final int STEPS_AFTER_THE_END = 50;
        private static final int READS = 20;

        private final AtomicInteger entered = new AtomicInteger();
        private final AtomicInteger left = new AtomicInteger();
        private final AtomicInteger interrupted = new AtomicInteger();
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final FileChannel file;
        private final ReentrantLock lock = new ReentrantLock();
        private final Semaphore places = new Semaphore(2);

        Search(FileChannel file) {
            this.file = file;
        }

        /** It is not over when its request is, and then waits for what never comes. */
        @GetMapping("/search")
        @RequestDeadline("${test.search-limit}")
        public String search(CancelContext context) {
            entered.incrementAndGet();
            try {
                searchUntilInterrupted(context);
                read(); // without an interrupt that was left
            } catch (IOException e) {
                failures.add(e);
            } finally {
                left.incrementAndGet();
            }
            return "found";
        }

        private void searchUntilInterrupted(CancelContext context) throws IOException {
            try {
                for (int after = 0, i = 0; after < STEPS_AFTER_THE_END; i++) {
                    step(i);
                    after += context.isCancelled() ? 1 : 0;
                }
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.incrementAndGet();
            }
        }

        private void step(int i) throws IOException, InterruptedException {
            for (int reads = 0; reads < READS; reads++) {
                read();
            }
            switch (i % 3) {
                case 0 -> readUnderALock();
                case 1 -> readInAPlace();
                default -> Thread.sleep(1);
            }
        }

        private void readUnderALock() throws IOException {
            lock.lock();
            try {
                read();
            } finally {
                lock.unlock();
            }
        }

        private void readInAPlace() throws IOException, InterruptedException {
            places.acquire();
            try {
                read();
            } finally {
                places.release();
            }
        }

        private void read() throws IOException {
            file.read(ByteBuffer.allocate(64), 64);
        }

        @Override
        public String toString() {
            return entered
                    + " entered, "
                    + left
                    + " left, "
                    + interrupted
                    + " interrupted "
                    + failures;
        }
    }
}
