// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.internal.poll.Mode;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;

/** A thread that no loop carries: moves deadlines, cancels, interrupts and closes what others are at. */
final class Meddler implements Runnable {

    private final Service service;
    private final Scheduler scheduler;
    private final Dice dice;
    private final int deeds;

    Meddler(Service service) {
        this.service = service;
        this.scheduler = service.scheduler;
        this.dice = service.dice;
        this.deeds = 5 + dice.below(40);
    }

    @Override
    public void run() {
        for (int i = 0; i < deeds; i++) {
            if (dice.oneIn(3)) {
                scheduler.block(scheduler.now() + dice.between(1, dice.of(200_000, 2_000_000)));
            }
            Conversation victim = await();
            if (victim != null) {
                meddle(victim);
            }
        }
    }

    /** A connection, where there is one that is being served right now. */
    private @Nullable Conversation await() {
        Conversation some = null;
        for (int looks = dice.below(60); looks >= 0; looks--) {
            int there = service.conversations.size();
            some = there == 0 ? null : service.conversations.get(dice.below(there));
            if (some == null) {
                scheduler.block(scheduler.now() + 20_000);
            } else if (looks > 0) {
                scheduler.preempt();
            }
            if (some != null && some.isServedNow() && dice.oneIn(4)) {
                return some;
            }
        }
        return some;
    }

    private void meddle(Conversation victim) {
        NetpollConnection connection = victim.connection;
        long now = scheduler.now();
        switch (dice.below(30)) {
            case 0, 1, 2 -> victim.reading.set(now + dice.between(1, dice.of(3_000, 50_000)));
            case 3, 4, 5 -> victim.reading.renew(now + dice.between(1, 5_000_000));
            case 6 -> victim.reading.set(now + dice.between(1, 50_000_000));
            case 7, 8 -> victim.writing.set(now + dice.between(1, 100_000));
            case 9 -> victim.reading.set(NetpollConnection.EXPIRED);
            case 10 -> victim.writing.set(NetpollConnection.EXPIRED);
            case 11 -> victim.reading.set(now - dice.between(0, 1_000));
            case 12 -> connection.close();
            case 13 -> interrupt(victim);
            case 14, 15 -> takeOver(victim);
            case 16 -> connection.shutdownBoth();
            case 17 -> watch(victim);
            case 18 -> look(victim);
            case 19, 20, 21, 22 -> moveAsItExpires(victim);
            case 23, 24, 25 -> interrupt(victim);
            case 26 -> takeOver(victim);
            case 27 -> shutDownReading(connection);
            default -> service.pause();
        }
    }

    /** Sets a deadline that is about to pass, and moves it when it does. */
    private void moveAsItExpires(Conversation victim) {
        long soon = dice.between(1, 3_000);
        victim.reading.set(scheduler.now() + soon);
        for (int i = dice.below(12); i >= 0; i--) {
            scheduler.preempt();
        }
        if (dice.oneIn(2)) {
            victim.reading.renew(scheduler.now() + 30_000_000);
        } else {
            victim.reading.set(scheduler.now() + 30_000_000);
        }
    }

    /** Interrupts the thread that serves a connection: one that waits, if there is any. */
    private void interrupt(Conversation victim) {
        Thread thread =
                List.copyOf(service.conversations).stream()
                        .filter(each -> each.desc.hasParked(Mode.READ))
                        .findFirst()
                        .orElse(victim)
                        .thread();
        if (thread != null) {
            for (int i = dice.below(8); i > 0; i--) {
                scheduler.preempt();
            }
            SimThreads.interrupt(thread);
        }
    }

    /** Takes the dispatch back and serves the connection itself, or arms it once more. */
    private void takeOver(Conversation victim) {
        if (victim.connection.cancelWhenReadable(victim)) {
            scheduler.point(Scheduler.OWN);
            if (dice.oneIn(2)) {
                victim.connection.fork("taken over", victim);
            } else {
                victim.connection.whenReadable(victim);
            }
        }
    }

    private void watch(Conversation victim) {
        if (dice.oneIn(2)) {
            victim.watching = false;
            victim.connection.cancelWhenPeerCloses();
        } else {
            victim.connection.whenPeerResets(victim.peerWatch);
            victim.watching = false;
        }
    }

    private static void shutDownReading(NetpollConnection connection) {
        try {
            connection.available();
            connection.shutdownRead();
        } catch (IOException e) {
            // Closed, or the kernel says no.
        }
    }

    /** What observers and other threads ask. */
    private void look(Conversation victim) {
        victim.connection.localAddress();
        victim.connection.waiting();
        victim.desc.hasParked(Mode.WRITE);
        victim.connection.setLinger(dice.of(-1, 0));
        if (dice.oneIn(8)) {
            service.engine.snapshot();
        }
    }
}
