// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.engine.EngineSnapshot;
import dev.netpoll.engine.stats.LoopSnapshot;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Health of the engine. <em>Down</em>: a loop has died, or has been away from its sockets for long, so its
 * connections are stuck. <em>Out of service</em>: descriptors are used up, or nearly, so new connections
 * cannot be accepted; existing ones are served. On NIO it is up.
 */
public final class NetpollHealthIndicator extends AbstractHealthIndicator {

    private static final double TENTHS = 10;

    /**
     * What is too much.
     *
     * @param stalledAfter how long a loop may be away from its sockets
     * @param descriptorsPercent how much of the descriptor limit may be used
     */
    public record Limits(Duration stalledAfter, int descriptorsPercent) {}

    private final Supplier<EngineTotals> totals;
    private final Supplier<Descriptors> descriptors;
    private final Limits limits;

    /** Judges {@code sources} by {@code limits}. */
    public NetpollHealthIndicator(NetpollSources sources, Limits limits) {
        this(sources::totals, Descriptors::now, limits);
    }

    NetpollHealthIndicator(
            Supplier<EngineTotals> totals, Supplier<Descriptors> descriptors, Limits limits) {
        super("The engine could not be looked at");
        this.totals = totals;
        this.descriptors = descriptors;
        this.limits = limits;
    }

    @Override
    protected void doHealthCheck(Health.Builder health) {
        EngineTotals seen = totals.get();
        if (seen.snapshots().isEmpty()) {
            health.up().withDetail("engine", "nio");
            return;
        }
        Descriptors files = descriptors.get();
        List<String> broken = broken(seen);
        List<String> scarce = scarce(seen, files);
        if (!broken.isEmpty()) {
            health.down();
        } else if (!scarce.isEmpty()) {
            health.outOfService();
        } else {
            health.up();
        }
        health.withDetail("engine", "epoll")
                .withDetail("loops", seen.loopSnapshots().size())
                .withDetail("descriptors", List.of(files.open(), files.limit()));
        broken.addAll(scarce);
        if (!broken.isEmpty()) {
            health.withDetail("reasons", broken);
        }
    }

    private List<String> broken(EngineTotals seen) {
        List<String> reasons = new ArrayList<>();
        if (!seen.snapshots().stream().allMatch(EngineSnapshot::alive)) {
            reasons.add("a loop has died: its connections are dead with it (see the log)");
        }
        for (LoopSnapshot loop : seen.loopSnapshots()) {
            Duration silent = loop.times().silent();
            if (silent.compareTo(limits.stalledAfter()) > 0) {
                reasons.add(
                        "loop "
                                + loop.id()
                                + " has not come round for "
                                + silent.toMillis()
                                + " ms");
            }
        }
        return reasons;
    }

    private List<String> scarce(EngineTotals seen, Descriptors files) {
        List<String> reasons = new ArrayList<>();
        if (seen.connections().acceptBackingOff()) {
            reasons.add("accepting backs off: no descriptor or no memory for a connection");
        }
        double used = files.percentUsed();
        if (used > limits.descriptorsPercent()) {
            reasons.add(
                    Math.round(used * TENTHS) / TENTHS
                            + " % of the descriptors are used (ulimit -n)");
        }
        return reasons;
    }
}
