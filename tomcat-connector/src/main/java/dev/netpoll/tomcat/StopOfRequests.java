// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.io.Ticker;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Has an endpoint's stop wait for the requests that are being served, so that none runs in an application that is being
 * destroyed; and has none begin after the stop. Safe from any thread.
 *
 * <p>A request says that it begins, then looks whether the endpoint has stopped; the stop is announced before it looks
 * for requests. On a connection of HTTP/1.1 the two are its serving thread and its close. A stream of HTTP/2 may outlive
 * its connection, so that it is kept here, and so does what asynchronous requests have started beside their handlers.
 */
final class StopOfRequests {

    private static final Log LOG = LogFactory.getLog(StopOfRequests.class);

    private final Set<StreamExchange> streams = ConcurrentHashMap.newKeySet();
    private final Set<Thread> tasks = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /** The calling thread is about to serve {@code stream}. False, when the endpoint has stopped and it must not. */
    boolean begin(StreamExchange stream) {
        streams.add(stream);
        if (stopped) {
            streams.remove(stream);
            return false;
        }
        return true;
    }

    void end(StreamExchange stream) {
        streams.remove(stream);
    }

    /** On a thread of its own: what {@code AsyncContext.start} was given, or a stream. */
    void run(Runnable task) {
        Thread thread = Thread.currentThread();
        tasks.add(thread);
        try {
            if (stopped) {
                thread.interrupt();
            }
            task.run();
        } finally {
            tasks.remove(thread);
        }
    }

    void start() {
        stopped = false;
    }

    /** From now on nothing begins. */
    void stop() {
        stopped = true;
    }

    /**
     * Waits until nothing is served any more, at most {@code timeoutMillis}. What has no context to cancel it is
     * interrupted, as by Tomcat's executor.
     *
     * @param closed the connections that the endpoint had
     */
    void await(List<NetpollSocketWrapper> closed, long timeoutMillis, Ticker ticker) {
        serving(closed, true).forEach(Thread::interrupt);
        long giveUp = ticker.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        try {
            while (!serving(closed, false).isEmpty()) {
                if (ticker.nanoTime() - giveUp >= 0) {
                    warn(serving(closed, false), timeoutMillis);
                    return;
                }
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<Thread> serving(List<NetpollSocketWrapper> closed, boolean withoutContext) {
        Set<Thread> threads = new HashSet<>(tasks);
        for (NetpollSocketWrapper connection : closed) {
            Thread serving = connection.processing().serving();
            count(threads, serving, !withoutContext || connection.request() == null);
        }
        for (StreamExchange stream : streams) {
            count(threads, stream.thread(), !withoutContext || stream.request() == null);
        }
        threads.remove(
                Thread.currentThread()); // a handler that stops its own server is not waited for
        return threads;
    }

    private static void count(Set<Thread> threads, @Nullable Thread thread, boolean counts) {
        if (counts && thread != null) {
            threads.add(thread);
        } else {
            threads.remove(thread);
        }
    }

    private static void warn(Collection<Thread> left, long millis) {
        if (!left.isEmpty()) {
            LOG.warn(
                    left.size()
                            + " requests are still being served "
                            + millis
                            + " ms after the connector stopped, though they were cancelled or"
                            + " interrupted. They go on while the application is destroyed."
                            + " Handlers should end when they are; the connector's"
                            + " executorTerminationTimeoutMillis gives them longer. Threads: "
                            + left.stream().map(Thread::getName).toList());
        }
    }
}
