// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import dev.netpoll.context.spring.Detached;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Tells customers what has become of their orders, beside the request. */
@Component
class Notifications {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong stopped = new AtomicLong();
    private final AtomicLong archived = new AtomicLong();

    /**
     * What has become of them.
     *
     * @param sent how many were sent
     * @param stopped how many were not, because their request had ended
     * @param archived how many were filed, sent or not
     */
    record Tally(long sent, long stopped, long archived) {}

    @Async
    void orderPlaced(Order order) {
        LOG.debug("Dear {}, your order {} is placed", order.customer(), order.id());
        sent.incrementAndGet();
    }

    /** By way of a mail server that takes its time. Stops when the request ends early. */
    @Async
    CompletableFuture<String> remind(Order order, Duration takes) {
        try {
            Thread.sleep(takes);
            sent.incrementAndGet();
            return CompletableFuture.completedFuture("Dear " + order.customer() + ", remember");
        } catch (InterruptedException e) {
            stopped.incrementAndGet();
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Books that a reminder was asked for: goes on whatever becomes of the request. */
    @Async
    @Detached
    void archive(Order order, Duration takes) throws InterruptedException {
        Thread.sleep(takes);
        LOG.debug("A reminder of order {} is in the archive", order.id());
        archived.incrementAndGet();
    }

    Tally tally() {
        return new Tally(sent.get(), stopped.get(), archived.get());
    }
}
