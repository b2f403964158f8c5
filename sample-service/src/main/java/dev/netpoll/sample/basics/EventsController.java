// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.basics;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.PositiveOrZero;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

import java.io.IOException;
import java.time.Duration;

/** Server-sent events at a steady pace. */
@RestController
class EventsController {

    private static final Logger log = LoggerFactory.getLogger(EventsController.class);

    private static final int MAX_COUNT = 1_000_000;
    private static final long MAX_INTERVAL_MS = 600_000;

    /** A stream lasts as long as it has events; its client may leave at any time. */
    private static final long NO_TIMEOUT = 0;

    private final AsyncTaskExecutor executor;

    EventsController(@Qualifier("applicationTaskExecutor") AsyncTaskExecutor executor) {
        this.executor = executor;
    }

    /** Sends {@code count} events, numbered from 1, {@code intervalMs} milliseconds apart. */
    @GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter events(
            @RequestParam(defaultValue = "10") @Positive @Max(MAX_COUNT) int count,
            @RequestParam(defaultValue = "1000") @PositiveOrZero @Max(MAX_INTERVAL_MS)
                    long intervalMs) {
        SseEmitter emitter = new SseEmitter(NO_TIMEOUT);
        executor.execute(() -> send(emitter, count, Duration.ofMillis(intervalMs)));
        return emitter;
    }

    private static void send(SseEmitter emitter, int count, Duration interval) {
        try {
            for (int i = 1; i <= count; i++) {
                emitter.send(SseEmitter.event().id(Integer.toString(i)).data("event " + i));
                if (i < count) {
                    Thread.sleep(interval);
                }
            }
            emitter.complete();
        } catch (IOException | IllegalStateException left) {
            // The container has seen the same failure and completes the request itself.
            log.debug("The client of an event stream left: {}", left.toString());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            emitter.completeWithError(stopped);
        }
    }
}
