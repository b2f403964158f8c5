// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.SimulatedEngine;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.io.ClosingException;
import dev.netpoll.engine.io.KernelException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A small server on the engine, in the manner of the connector. */
final class Service {

    static final int PORT = 8080;

    final NetpollEngine engine;
    final Scheduler scheduler;
    final Dice dice;
    final SimKernel kernel;
    final Writer writer;
    private final Invariants invariants;
    final long keepAlive;
    final long patience;

    /** Now and then a handler computes for so long. */
    private final long slice;

    final List<Conversation> conversations = new ArrayList<>();
    private final boolean calm;
    private @Nullable NetpollListener listener;
    private boolean closing;
    private boolean punctual = true;
    int answered;

    Service(
            NetpollEngine engine,
            Scheduler scheduler,
            SimKernel kernel,
            Invariants invariants,
            boolean calm) {
        this.invariants = invariants;
        this.engine = engine;
        this.scheduler = scheduler;
        this.dice = scheduler.dice;
        this.kernel = kernel;
        this.calm = calm;
        this.writer = new Writer(dice);
        this.keepAlive = calm ? 60_000_000_000L : dice.of(200_000L, 3_000_000L, 50_000_000L);
        this.patience = calm ? 60_000_000_000L : dice.of(100_000L, 3_000_000L, 30_000_000L);
        this.slice = dice.of(0L, 3_000_000L, 40_000_000L);
    }

    boolean isClosing() {
        return closing;
    }

    void begin() throws IOException {
        listener = engine.listen(SimKernel.address(PORT), ListenOptions.defaults());
        engine.fork("accept", this::accept);
    }

    private void accept() {
        NetpollListener from = Objects.requireNonNull(listener);
        while (true) {
            try {
                NetpollConnection connection = from.accept();
                Conversation conversation = new Conversation(this, connection);
                conversations.add(conversation);
                invariants.watch(conversation.desc);
                conversation.begin();
            } catch (ClosingException e) {
                if (!closing) {
                    scheduler.violate("Nobody closed the listener", e);
                }
                return;
            } catch (KernelException e) {
                SimThreads.sleep(50_000); // out of descriptors, perhaps
            } catch (SocketTimeoutException e) {
                SimThreads.sleep(10_000);
                from.resume();
            } catch (IOException | RuntimeException | Error e) {
                scheduler.violate("The accept failed", e);
                return;
            }
        }
    }

    /** A moment in which no connection is accepted, as a connector pauses. */
    void pause() {
        NetpollListener paused = listener;
        if (paused != null) {
            paused.interrupt();
        }
    }

    /** What a handler does before it answers. */
    void handle() {
        switch (dice.below(8)) {
            case 0 -> SimThreads.sleep(dice.between(1, 60_000));
            case 1 -> {
                if (slice > 0 && dice.oneIn(3)) {
                    scheduler.compute(dice.between(1, slice));
                }
            }
            case 2 -> scheduler.preempt();
            default -> {}
        }
    }

    void ended(Conversation conversation) {
        conversations.remove(conversation);
    }

    PollDesc listenerDesc() {
        return SimulatedEngine.desc(Objects.requireNonNull(listener));
    }

    /** Whether the kernel tells each event at the next look, and none sets deadlines but the service. */
    boolean isPunctual() {
        return punctual;
    }

    void meddledWith() {
        punctual = false;
    }

    boolean isCalm() {
        return calm;
    }

    /** Ends the service: in an order of several that an application may choose. */
    void close() {
        closing = true;
        NetpollListener ours = listener;
        boolean engineFirst = dice.oneIn(2);
        if (engineFirst) {
            engine.close();
        }
        if (ours != null) {
            ours.close();
        }
        for (Conversation each : List.copyOf(conversations)) {
            each.connection.close();
        }
        if (!engineFirst) {
            engine.close();
        }
    }
}
