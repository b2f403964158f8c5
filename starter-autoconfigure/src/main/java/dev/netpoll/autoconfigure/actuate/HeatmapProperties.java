// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.actuate;

import dev.netpoll.autoconfigure.PropertyCheck;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.heatmap.*}: how long waits lasted, over time.
 *
 * @param window How long one column of the heatmap is.
 * @param windows How many of those are kept.
 */
@ConfigurationProperties("netpoll.heatmap")
public record HeatmapProperties(
        @DefaultValue("10s") Duration window, @DefaultValue("60") int windows) {

    private static final int MOST_WINDOWS = 10_000;

    public HeatmapProperties {
        PropertyCheck.positive("netpoll.heatmap.window", window);
        PropertyCheck.between(1, MOST_WINDOWS, "netpoll.heatmap.windows", windows);
    }
}
