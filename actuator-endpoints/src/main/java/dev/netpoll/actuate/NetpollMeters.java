// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.actuate.NetpollDescriptor.WaitersDescriptor;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.engine.stats.DurationCounts;
import dev.netpoll.engine.stats.LoopSnapshot;
import dev.netpoll.engine.stats.WaitKind;
import dev.netpoll.tomcat.ClosedBy;
import dev.netpoll.tomcat.DeadlineKind;
import dev.netpoll.web.RequestContexts;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Binds the endpoint's counts as meters. They are read when a registry asks; nothing is recorded as it
 * happens. A histogram is a counter for each bucket with the bound as its tag {@code
 * le}, so Prometheus' {@code histogram_quantile} takes it.
 *
 * <p>Safe from any thread. Registries refer to it weakly: the application must keep it.
 */
public final class NetpollMeters implements MeterBinder {

    private static final int SECOND_DIGITS = 9;

    private final NetpollSources sources;
    private final MeterNaming naming;
    private final RecentTotals totals;

    /** Here, because registries refer to them weakly. Any thread. */
    private final List<Binding> bindings = new CopyOnWriteArrayList<>();

    /**
     * @param sources what there is to be seen
     * @param naming whose names the meters have
     */
    public NetpollMeters(NetpollSources sources, MeterNaming naming) {
        this.sources = sources;
        this.naming = naming;
        this.totals = new RecentTotals(sources::totals, ContextRuntime.system()::nanoTime);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        var binding = new Binding(registry);
        bindings.add(binding);
        binding.connections();
        binding.waits();
        binding.deadlines();
        binding.contexts();
    }

    /**
     * Adds the meters of loops and system calls that have come about since the last look. Done at each
     * look at the engines, too.
     */
    public void refresh() {
        bindings.forEach(Binding::look);
    }

    /** The meters of one registry. */
    private final class Binding {

        private final MeterRegistry registry;

        /** What has been registered late. Any thread. */
        private final Set<List<Tag>> late = ConcurrentHashMap.newKeySet();

        /** What was looked through for late meters last. Any thread; twice does no harm. */
        private volatile @Nullable EngineTotals lookedAt;

        Binding(MeterRegistry registry) {
            this.registry = registry;
        }

        // ---- connections and waits ------------------------------------------------------------

        void connections() {
            gauge(
                    MeterName.CONNECTIONS,
                    t -> t.connections().active(),
                    TagKey.STATE.of("active", naming));
            gauge(
                    MeterName.CONNECTIONS,
                    t -> t.connections().idle(),
                    TagKey.STATE.of("idle", naming));
            count(MeterName.ACCEPTED, t -> t.connections().accepted());
            for (ClosedBy by : ClosedBy.values()) {
                count(
                        MeterName.CLOSED,
                        t -> t.closed().getOrDefault(by.tag(), 0L),
                        TagKey.BY.of(by.tag(), naming));
            }
            count(MeterName.ACCEPT_BACKOFFS, t -> t.connections().acceptBackoffs());
        }

        void waits() {
            waiters(WaitKind.READ, WaitersDescriptor::read, WaitersDescriptor::oldestReadMillis);
            waiters(WaitKind.WRITE, WaitersDescriptor::write, WaitersDescriptor::oldestWriteMillis);
            waiters(WaitKind.IDLE, WaitersDescriptor::idle, WaitersDescriptor::oldestIdleMillis);
            for (WaitKind kind : WaitKind.values()) {
                histogram(
                        MeterName.WAIT, MeterName.WAIT_BUCKETS, t -> t.waits(kind), kindTag(kind));
            }
            histogram(MeterName.LOOP_LAG, MeterName.LOOP_LAG_BUCKETS, EngineTotals::lag);
            histogram(MeterName.WAKE_UP, MeterName.WAKE_UP_BUCKETS, EngineTotals::wakeUp);
        }

        private void waiters(
                WaitKind kind,
                ToDoubleFunction<WaitersDescriptor> now,
                ToDoubleFunction<WaitersDescriptor> oldestMillis) {
            gauge(MeterName.WAITERS, t -> now.applyAsDouble(t.waiters()), kindTag(kind));
            seconds(
                    MeterName.OLDEST_WAITER,
                    t -> oldestMillis.applyAsDouble(t.waiters()) / 1000,
                    kindTag(kind));
        }

        private Tag kindTag(WaitKind kind) {
            return TagKey.KIND.of(kind.name().toLowerCase(Locale.ROOT), naming);
        }

        // ---- deadlines and contexts -----------------------------------------------------------

        void deadlines() {
            count(MeterName.DEADLINES_SET, t -> t.deadlineCounts().set());
            count(MeterName.DEADLINES_MOVED, t -> t.deadlineCounts().moved());
            for (DeadlineKind kind : DeadlineKind.values()) {
                count(
                        MeterName.DEADLINES_EXPIRED,
                        t -> t.expired().getOrDefault(kind.tag(), 0L),
                        TagKey.DEADLINE.of(kind.tag(), naming));
            }
            count(
                    MeterName.DEADLINES_EXPIRED,
                    _ -> ContextTotals.expired(sources.contexts()),
                    TagKey.DEADLINE.of("request", naming));
        }

        void contexts() {
            RequestContexts contexts = sources.contexts();
            if (contexts != null) {
                gauge(MeterName.CONTEXTS_ACTIVE, _ -> contexts.active());
                count(MeterName.HARD_DEADLINES, _ -> contexts.hardDeadlines());
                count(MeterName.HARD_CANCELS, _ -> contexts.hardCancels());
                for (CancelCause.Kind kind : CancelCause.Kind.values()) {
                    if (kind != CancelCause.Kind.PARENT_CANCELLED) {
                        count(
                                MeterName.CONTEXTS_ENDED,
                                _ -> contexts.ended().getOrDefault(kind, 0L),
                                TagKey.CAUSE.of(kind.tag(), naming));
                    }
                }
            }
            OverdueWatch overdue = sources.overdue();
            if (overdue != null) {
                gauge(MeterName.OVERDUE, _ -> overdue.count());
            }
        }

        // ---- loops and errors, which come late ------------------------------------------------

        private void loops(EngineTotals seen) {
            int loops = seen.loopSnapshots().size();
            for (int i = 0; i < loops; i++) {
                Tag tag = TagKey.LOOP.of(String.valueOf(i), naming);
                if (late.add(List.of(tag))) {
                    loop(i, tag);
                }
            }
        }

        private void loop(int i, Tag tag) {
            gauge(MeterName.LOOP_BUSY, _ -> totals.busy(i), tag);
            gauge(MeterName.LOOP_QUEUED, t -> of(t, i, LoopSnapshot::queued), tag);
            count(MeterName.LOOP_STALLS, t -> of(t, i, LoopSnapshot::stalls), tag);
            seconds(
                    MeterName.LOOP_SILENT,
                    t -> of(t, i, loop -> inSeconds(loop.times().silent())),
                    tag);
        }

        private static double of(EngineTotals seen, int i, ToDoubleFunction<LoopSnapshot> number) {
            List<LoopSnapshot> loops = seen.loopSnapshots();
            return i < loops.size() ? number.applyAsDouble(loops.get(i)) : 0;
        }

        private void errors(EngineTotals seen) {
            seen.errno()
                    .forEach((syscall, row) -> row.keySet().forEach(name -> error(syscall, name)));
        }

        private void error(String syscall, String errno) {
            Tag[] tags = {TagKey.SYSCALL.of(syscall, naming), TagKey.ERRNO.of(errno, naming)};
            if (late.add(List.of(tags))) {
                count(MeterName.SYSCALL_ERRORS, t -> t.failures(syscall, errno), tags);
            }
        }

        // ---- meters ---------------------------------------------------------------------------

        private EngineTotals look() {
            EngineTotals seen = totals.get();
            if (seen != lookedAt) {
                lookedAt = seen;
                loops(seen);
                errors(seen);
            }
            return seen;
        }

        private void gauge(MeterName name, ToDoubleFunction<EngineTotals> value, Tag... tags) {
            Gauge.builder(name.in(naming), () -> value.applyAsDouble(look()))
                    .tags(List.of(tags))
                    .register(registry);
        }

        private void seconds(MeterName name, ToDoubleFunction<EngineTotals> value, Tag... tags) {
            Gauge.builder(name.in(naming), () -> value.applyAsDouble(look()))
                    .tags(List.of(tags))
                    .baseUnit("seconds")
                    .register(registry);
        }

        private void count(MeterName name, ToDoubleFunction<EngineTotals> value, Tag... tags) {
            FunctionCounter.builder(name.in(naming), this, me -> value.applyAsDouble(me.look()))
                    .tags(List.of(tags))
                    .register(registry);
        }

        private void histogram(
                MeterName name,
                MeterName bucketName,
                Function<EngineTotals, DurationCounts> counts,
                Tag... tags) {
            FunctionTimer.builder(
                            name.in(naming),
                            this,
                            me -> counts.apply(me.look()).total(),
                            me -> counts.apply(me.look()).sum().toNanos(),
                            TimeUnit.NANOSECONDS)
                    .tags(List.of(tags))
                    .register(registry);
            List<Duration> bounds = DurationCounts.bounds();
            for (int i = 0; i <= bounds.size(); i++) {
                int last = i;
                String bound = i < bounds.size() ? plain(bounds.get(i)) : "+Inf";
                FunctionCounter.builder(
                                bucketName.in(naming),
                                this,
                                me -> counts.apply(me.look()).upTo(last))
                        .tags(List.of(tags))
                        .tags(List.of(TagKey.BOUND.of(bound, naming)))
                        .register(registry);
            }
        }
    }

    private static double inSeconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static String plain(Duration bound) {
        return BigDecimal.valueOf(bound.toNanos(), SECOND_DIGITS)
                .stripTrailingZeros()
                .toPlainString();
    }
}
