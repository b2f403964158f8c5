// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.sim.world.Faults.Kind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** What is between the sockets: everything that will happen at a time, in its order. */
final class SimNetwork {

    private record Happening(long at, long number, Runnable event)
            implements Comparable<Happening> {
        @Override
        public int compareTo(Happening other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    final Scheduler scheduler;
    final Dice dice;
    final Faults faults;

    private final int latency;
    private final int smallest;
    private final int largest;
    private final PriorityQueue<Happening> happenings = new PriorityQueue<>();
    private final Map<Integer, SimSocket> listeners = new HashMap<>();
    private final List<SimSocket> connections = new ArrayList<>();
    private long numbers;

    SimNetwork(Scheduler scheduler, Faults faults) {
        this.scheduler = scheduler;
        this.dice = scheduler.dice;
        this.faults = faults;
        this.latency = dice.of(200, 20_000, 500_000);
        this.smallest = dice.of(8, 64);
        this.largest = smallest * dice.of(2, 16);
    }

    SimSocket newSocket() {
        SimSocket socket = new SimSocket(this, (int) dice.between(smallest, largest));
        connections.add(socket);
        return socket;
    }

    /** When what is sent now arrives. */
    long arrival() {
        long slow = faults.hit(Kind.SLOW_NETWORK) ? dice.below(20_000_000) : 0;
        return scheduler.now() + 1 + dice.below(latency) + slow;
    }

    void at(long when, Runnable event) {
        happenings.add(new Happening(when, numbers++, event));
    }

    void happen(long now) {
        Happening first;
        while ((first = happenings.peek()) != null && first.at <= now) {
            happenings.poll();
            first.event.run();
        }
        if (faults.isPossible(Kind.RESET_BY_THE_NETWORK) && dice.oneIn(512)) {
            resetOne();
        }
    }

    private void resetOne() {
        if (!connections.isEmpty() && faults.hit(Kind.RESET_BY_THE_NETWORK)) {
            SimSocket unlucky = connections.get(dice.below(connections.size()));
            SimSocket peer = unlucky.peer;
            if (unlucky.isConnected() && peer != null) {
                Errno why = dice.of(Errno.ECONNRESET, Errno.ETIMEDOUT, Errno.EHOSTUNREACH);
                unlucky.reset(why);
                if (dice.oneIn(2)) {
                    peer.reset(Errno.ECONNRESET);
                }
            }
        }
    }

    long next() {
        Happening first = happenings.peek();
        return first == null ? Actor.NEVER : first.at;
    }

    // ---- connecting
    // -----------------------------------------------------------------------------------

    boolean listen(SimSocket socket, int port) {
        socket.listening = true;
        socket.port = port;
        return listeners.putIfAbsent(port, socket) == null;
    }

    void unlisten(SimSocket socket) {
        listeners.remove(socket.port, socket);
        for (SimSocket queued : socket.backlog) {
            queued.lingerNot(true);
            queued.close();
        }
        socket.backlog.clear();
    }

    /** Sends a SYN; the answer comes later. */
    void connect(SimSocket socket, int port) {
        socket.connecting = true;
        at(arrival(), () -> syn(socket, port));
    }

    private void syn(SimSocket from, int port) {
        SimSocket listener = listeners.get(port);
        if (listener == null || listener.backlog.size() >= 16) {
            Errno why = dice.oneIn(4) ? Errno.ETIMEDOUT : Errno.ECONNREFUSED;
            at(arrival(), () -> from.refused(why));
            return;
        }
        SimSocket accepted = newSocket();
        accepted.connectTo(from);
        // The handshake's last segment is the first that the accepted end gets.
        at(arrival(), () -> from.established(accepted));
        listener.incoming(accepted);
    }

    @Nullable SimSocket listener(int port) {
        return listeners.get(port);
    }
}
