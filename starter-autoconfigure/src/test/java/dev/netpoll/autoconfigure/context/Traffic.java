// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.autoconfigure.context.WebClient.Answer;
import dev.netpoll.testsupport.Bounded;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that go on asking while a server is stopped and started. Of what they are answered, only the
 * requests count that began after a start and ended before the next stop: those must be 200.
 */
final class Traffic implements AutoCloseable {

    /** One start of the server: where it listens, and how many requests each client had answered. */
    private record Run(int port, AtomicIntegerArray answered) {}

    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    /** Null while the server is down, or about to be. Written by the test. */
    private volatile @Nullable Run current;

    private volatile boolean over;

    /** One client for each path. */
    Traffic(String... paths) {
        for (int i = 0; i < paths.length; i++) {
            int client = i;
            clients.add(Thread.ofPlatform().name("client-" + i).start(() -> ask(client, paths)));
        }
    }

    private void ask(int client, String[] paths) {
        while (!over) {
            Run run = current;
            if (run == null) {
                LockSupport.parkNanos(100_000);
            } else {
                String failure = failure(run.port(), paths[client]);
                if (run != current) {
                    continue; // a stop has begun meanwhile
                }
                if (failure == null) {
                    run.answered().incrementAndGet(client);
                } else {
                    wrong.add(paths[client] + ": " + failure);
                }
            }
        }
    }

    private static @Nullable String failure(int port, String path) {
        try {
            Answer answer = WebClient.get(port, path);
            return answer.status() == 200 ? null : answer.text();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The server has been started. */
    void started(int port) {
        current = new Run(port, new AtomicIntegerArray(clients.size()));
    }

    /** Until each client has had so many requests answered since the start. */
    void awaitAnswers(int each) {
        AtomicIntegerArray answered = current.answered();
        Bounded.until(
                () -> {
                    assertThat(wrong).isEmpty();
                    boolean enough = true;
                    for (int i = 0; i < answered.length(); i++) {
                        enough &= answered.get(i) >= each;
                    }
                    return enough;
                },
                answered::toString);
    }

    /** The server is about to be stopped. */
    void stopping() {
        current = null;
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        assertThat(wrong).isEmpty();
    }
}
