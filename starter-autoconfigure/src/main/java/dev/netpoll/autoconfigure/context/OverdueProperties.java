package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.task.OverdueWatch;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.overdue.*}: work that goes on although nobody wants it any more.
 *
 * @param grace How long work may go on after its context has ended before it counts as overdue.
 * @param warnEvery The least time between two warnings about overdue work.
 */
@ConfigurationProperties("netpoll.overdue")
public record OverdueProperties(
        @DefaultValue("1s") Duration grace, @DefaultValue("1m") Duration warnEvery) {

    public OverdueProperties {
        requireNotNegative("netpoll.overdue.grace", grace);
        requireNotNegative("netpoll.overdue.warn-every", warnEvery);
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " is not negative, and not " + value);
        }
    }

    OverdueWatch.Settings settings() {
        return new OverdueWatch.Settings(grace, warnEvery);
    }
}
