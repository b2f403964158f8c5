package dev.netpoll.autoconfigure.actuate;

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
        if (window.isNegative() || window.isZero()) {
            throw new IllegalArgumentException(
                    "netpoll.heatmap.window is longer than zero, and not " + window);
        }
        if (windows < 1 || windows > MOST_WINDOWS) {
            throw new IllegalArgumentException(
                    "netpoll.heatmap.windows is from 1 to "
                            + MOST_WINDOWS
                            + ", and not "
                            + windows);
        }
    }
}
