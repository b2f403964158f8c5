// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import org.jspecify.annotations.Nullable;

/** A peer of the service with a kernel of its own: pipelines, half-closes, leaves, resets, dawdles. */
final class Client implements Runnable {

    private enum Manner {
        PATIENT,
        HALF_CLOSING,
        WAITS_FOR_THE_SERVER_TO_CLOSE,
        LEAVES,
        RESETS,
        DAWDLES
    }

    /** Long after every deadline of the service. */
    private static final long FOR_EVER = 5_000_000_000L;

    private final Scheduler scheduler;
    private final SimNetwork network;
    private final Service service;
    private final Dice dice;
    private final Exchange exchange;
    private final Manner manner;
    private final SimSocket socket;
    private final int untilItLeaves;
    private final byte[] buffer = new byte[128];

    private int sent;
    private boolean finSent;
    private boolean ended;

    Client(Service service, SimNetwork network, int number) {
        this.service = service;
        this.network = network;
        this.scheduler = network.scheduler;
        this.dice = network.dice;
        this.exchange = new Exchange(scheduler, number);
        this.manner =
                service.isCalm()
                        ? dice.of(Manner.PATIENT, Manner.HALF_CLOSING)
                        : dice.of(Manner.values());
        this.socket = network.newSocket();
        this.untilItLeaves = dice.below(1 + exchange.toSend().length);
    }

    @Override
    public void run() {
        scheduler.block(scheduler.now() + dice.between(1, dice.of(50_000, 2_000_000)));
        network.connect(socket, Service.PORT);
        while (socket.connecting) {
            await(FOR_EVER);
        }
        while (!ended && !isDone()) {
            boolean moved = send() | receive();
            if (!moved && !ended && !isDone()) {
                await(manner == Manner.DAWDLES ? dice.between(1, 5_000_000) : FOR_EVER);
            }
        }
        if (service.isCalm() && !exchange.isComplete()) {
            scheduler.violate("Not answered, and nothing was in the way: " + exchange);
        }
        socket.close();
    }

    /** Whether nothing is left to do, by its manner. */
    private boolean isDone() {
        return switch (manner) {
            case PATIENT -> exchange.isComplete();
            case LEAVES -> sent >= untilItLeaves && dice.oneIn(2);
            case RESETS -> {
                boolean now = sent >= untilItLeaves && dice.oneIn(2);
                socket.lingerNot(now);
                yield now;
            }
            case DAWDLES -> exchange.isComplete() || dice.oneIn(60);
            case HALF_CLOSING, WAITS_FOR_THE_SERVER_TO_CLOSE -> false;
        };
    }

    private boolean send() {
        byte[] all = exchange.toSend();
        if (sent == all.length) {
            if (manner == Manner.HALF_CLOSING && !finSent) {
                finSent = true;
                socket.shutdown(false, true);
                return true;
            }
            return false;
        }
        if (!service.isCalm() && dice.oneIn(40)) {
            socket.sendUrgent();
        }
        int most = all.length - sent;
        int n = socket.send(all, sent, dice.oneIn(2) ? most : 1 + dice.below(most));
        if (n > 0) {
            sent += n;
        }
        return n > 0;
    }

    private boolean receive() {
        int most = manner == Manner.DAWDLES ? 1 + dice.below(4) : buffer.length;
        int n = socket.receive(buffer, 0, most);
        if (n > 0) {
            exchange.received(buffer, n);
            return true;
        }
        if (n == 0 || socket.isDead()) {
            ended = true;
        }
        return false;
    }

    private void await(long nanos) {
        long giveUp = scheduler.now() + nanos;
        scheduler.trace.note(() -> "waits: " + exchange);
        socket.watcher = scheduler.chosen();
        scheduler.block(giveUp);
        socket.watcher = null;
        if (nanos == FOR_EVER && scheduler.now() >= giveUp) {
            ended = true;
            if (isOwedSomething()) {
                scheduler.violate("Neither answered nor ended: " + exchange + ", " + manner);
            }
        }
    }

    /** Whether the server holds its end and knows all that it needs. */
    private boolean isOwedSomething() {
        SimSocket end = socket.peer;
        return !socket.isDead() && isHeld(end) && sent == exchange.toSend().length;
    }

    private static boolean isHeld(@Nullable SimSocket end) {
        return end != null && end.item != null && !end.isDead() && !end.isClosed();
    }
}
