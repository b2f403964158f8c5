// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
import dev.netpoll.context.task.OverdueWatch;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.overdue.*}: work that goes on after its context has ended.
 *
 * @param grace How long work may go on after its context has ended before it counts as overdue.
 * @param warnEvery The least time between two warnings about overdue work.
 */
@ConfigurationProperties("netpoll.overdue")
public record OverdueProperties(
        @DefaultValue("1s") Duration grace, @DefaultValue("1m") Duration warnEvery) {

    public OverdueProperties {
        PropertyCheck.notNegative("netpoll.overdue.grace", grace);
        PropertyCheck.notNegative("netpoll.overdue.warn-every", warnEvery);
    }

    OverdueWatch.Settings settings() {
        return new OverdueWatch.Settings(grace, warnEvery);
    }
}
