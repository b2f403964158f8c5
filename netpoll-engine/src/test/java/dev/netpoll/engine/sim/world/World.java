// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.SimulatedEngine;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.sim.SeedOutcome;
import dev.netpoll.engine.sim.SeedRunner;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Runs seeds: each is an engine from its start to its end, with all that happens to it. */
public final class World implements SeedRunner {

    private static final int FIRST_LATE = 100;

    private Scheduler scheduler;
    private Faults faults;
    private SimNetwork network;
    private SimKernel kernel;
    private Invariants invariants;
    private @Nullable Service service;
    private @Nullable NetpollEngine engine;
    private boolean calm;

    @SuppressWarnings("NullAway.Init")
    public World() {}

    @Override
    public SeedOutcome run(long seed, boolean traced) {
        Dice dice = new Dice(seed);
        scheduler = new Scheduler(dice, new Trace(traced));
        calm = dice.oneIn(8);
        faults = new Faults(dice, calm);
        network = new SimNetwork(scheduler, faults);
        kernel = new SimKernel(scheduler, faults, network);
        invariants = new Invariants(scheduler, network, kernel);
        service = null;
        engine = null;
        scheduler.start("main", this::live);
        try (var log = new LoudLog(scheduler)) {
            scheduler.run(invariants);
        }
        if (scheduler.violation() == null) {
            everythingIsReleased();
        }
        return new SeedOutcome(
                seed,
                scheduler.trace.hash(),
                scheduler.trace.steps(),
                service == null ? 0 : service.answered,
                faults.injected(),
                scheduler.violation(),
                scheduler.trace.last());
    }

    @Override
    public Set<String> possibleFaults() {
        return Faults.possible();
    }

    void watch(PollDesc desc) {
        invariants.watch(desc);
    }

    private void live() {
        Dice dice = scheduler.dice;
        try {
            CarrierMode mode = dice.oneIn(6) ? CarrierMode.JDK : CarrierMode.LOOP;
            engine =
                    SimulatedEngine.start(new EngineConfig("sim", 1 + dice.below(3), mode), kernel);
            service = new Service(engine, scheduler, kernel, invariants, calm);
            service.begin();
            invariants.watch(service);
        } catch (IOException e) {
            scheduler.violate("The engine does not start", e);
        }
        faults.begin();
        if (faults.isPossible(Faults.Kind.EVENT_HELD_BACK)) {
            service.meddledWith();
        }
        var threads = new ArrayList<Thread>();
        Service ours = Objects.requireNonNull(service);
        int clients = 1 + dice.below(dice.of(3, 6, 12));
        for (int i = 0; i < clients; i++) {
            if (dice.oneIn(3)) {
                threads.add(ours.engine.fork("inner", new InnerClient(this, ours, i)));
            } else {
                threads.add(scheduler.start("client", new Client(ours, network, i)).identity);
            }
        }
        for (int i = calm ? 0 : dice.below(4); i > 0; i--) {
            ours.meddledWith();
            threads.add(scheduler.start("meddler", new Meddler(ours)).identity);
        }
        if (calm || dice.oneIn(2)) {
            threads.forEach(SimThreads::join);
        } else {
            scheduler.block(
                    scheduler.now() + dice.between(1, dice.of(1_000_000, 3_000_000, 10_000_000)));
            for (int i = dice.below(3); i > 0; i--) {
                scheduler.start("latecomer", () -> comeLate(ours));
            }
            for (int steps = dice.below(100); steps > 0; steps--) {
                scheduler.preempt();
            }
            scheduler.freezeSome();
        }
        ours.close();
    }

    /** Starts threads and connects while the engine closes: each ends all the same, or the simulation does not. */
    private void comeLate(Service ours) {
        for (int i = scheduler.dice.below(12); i > 0; i--) {
            if (scheduler.dice.oneIn(4)) {
                new InnerClient(this, ours, FIRST_LATE + i).run();
            } else {
                ours.engine.fork("late", scheduler::preempt);
            }
        }
    }

    private void everythingIsReleased() {
        if (!kernel.nothingIsOpen()) {
            scheduler.violate("At the end descriptors are open: " + kernel.stillOpen());
        }
        LoopGroup group = SimulatedEngine.group(Objects.requireNonNull(engine));
        if (group.carriers() != 0) {
            scheduler.violate("At the end there are carriers: " + group.carriers());
        }
        if (group.failure() != null) {
            scheduler.violate("A loop died", group.failure());
        }
        for (EventLoop loop : group.loops()) {
            if (loop.timers().size() > 0 || loop.connections().get() != 0) {
                scheduler.violate(
                        "At the end there are timers or connections: "
                                + loop.timers().size()
                                + ", "
                                + loop.connections());
            }
        }
        List<PollDesc> left = new ArrayList<>();
        group.table().forEach(left::add);
        if (!left.isEmpty()) {
            scheduler.violate("At the end the table has entries: " + left);
        }
    }
}
