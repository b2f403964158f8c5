// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.Test;

import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Tomcat's NIO connector and platform threads, and what only the netpoller could see or do there. */
class DeadlinesOnNioTest extends DeadlineContract {

    @Override
    String[] properties() {
        return new String[] {
            "--netpoll.overdue.grace=1ms",
            "--netpoll.tomcat.enabled=false",
            "--spring.threads.virtual.enabled=false"
        };
    }

    @Test
    void aClientThatLeavesIsNotNoticed() throws Exception {
        Handlers handlers = sample().handlers();
        handlers.spinning.set(false);
        handlers.enough.set(false);
        try {
            Caller caller = new Caller(sample().port(), "/test/spin");
            Bounded.until("the handler runs", handlers.spinning::get);
            caller.reset();
        } finally {
            handlers.enough.set(true);
        }
        sample().awaitIdle();
        assertThat(sample().disconnects()).isZero();
    }

    @Test
    void whoeverAsksAHandlerThatIgnoresEverythingWaitsForIt() throws Exception {
        Handlers handlers = sample().handlers();
        handlers.enough.set(false);
        FutureTask<String> answer =
                Bounded.fork(() -> Caller.get(sample().port(), "/test/spin", IN_100_MS));
        try {
            Bounded.until("it is overdue", () -> sample().overdue().count() == 1);
            assertThat(answer.isDone()).isFalse();
        } finally {
            handlers.enough.set(true);
        }
        assertExpired(answer.get(1, TimeUnit.MINUTES));
    }
}
