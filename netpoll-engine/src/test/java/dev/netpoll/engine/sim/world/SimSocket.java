// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.sim.world.Faults.Kind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;

/**
 * One end of a simulated TCP connection, or a listening socket.
 *
 * <p>What is sent arrives some virtual time later, in order, in a buffer that is never larger than the
 * peer was told. As in Linux, the wait queue is woken for each arrival, and for room once a send had found too
 * little of it and a third of the buffer is free.
 */
final class SimSocket {

    /** Bits of epoll(7). */
    static final int IN = 0x001;

    static final int PRI = 0x002;
    static final int OUT = 0x004;
    static final int ERR = 0x008;
    static final int HUP = 0x010;
    static final int RDHUP = 0x2000;

    private static final int NONE = 0;
    private static final int NO_MARK = -1;

    private final SimNetwork network;
    private final int capacity;
    private final ArrayDeque<Byte> received = new ArrayDeque<>();

    /** Its entry in an epoll instance. */
    SimEpoll.@Nullable Item item;

    /** A thread without epoll that waits for a change. */
    @Nullable Actor watcher;

    @Nullable SimSocket peer;

    // A listening socket.
    final ArrayDeque<SimSocket> backlog = new ArrayDeque<>();
    boolean listening;
    int port;

    boolean connecting;
    private boolean connected;

    /** The application has closed it. */
    private boolean closed;

    private boolean dead;
    private boolean finReceived;
    private boolean readShut;
    private boolean writeShut;
    private int error;
    private int inFlight;
    private long readableSince;
    private boolean noSpace;
    private int squeezed;
    private int urgentIn = NO_MARK;
    private boolean urgent;
    private boolean lingersNot;
    private long lastArrival;

    /** Every bit that its mask has ever had. */
    private int everMask;

    SimSocket(SimNetwork network, int capacity) {
        this.network = network;
        this.capacity = capacity;
    }

    void connectTo(SimSocket other) {
        peer = other;
        connected = true;
        connecting = false;
    }

    boolean isConnected() {
        return connected && !dead;
    }

    boolean isDead() {
        return dead;
    }

    int everMask() {
        return everMask | mask();
    }

    // ---- readiness
    // --------------------------------------------------------------------------------

    int mask() {
        if (listening) {
            return backlog.isEmpty() ? 0 : IN;
        }
        if (connecting) {
            return 0;
        }
        if (!connected && !dead) {
            return OUT | HUP;
        }
        boolean noMore = finReceived || readShut || dead;
        int mask = noMore || !received.isEmpty() ? IN : 0;
        mask |= noMore ? RDHUP : 0;
        mask |= dead || noMore && writeShut ? HUP : 0;
        mask |= error != NONE ? ERR : 0;
        mask |= urgent ? PRI : 0;
        mask |= dead || writeShut || hasRoom() ? OUT : 0;
        return mask;
    }

    /** As epoll asks: a buffer found too full is told of when there is room again, as by tcp_poll. */
    int poll() {
        noSpace |= connected && !hasRoom();
        return mask();
    }

    /** Since when bytes wait here; {@link Actor#NEVER} where none do. */
    long readableSince() {
        return received.isEmpty() ? Actor.NEVER : readableSince;
    }

    private int room() {
        SimSocket to = peer;
        return to == null || squeezed > 0 ? 0 : to.capacity - to.received.size() - to.inFlight;
    }

    private boolean hasRoom() {
        return room() * 3 >= capacityOfPeer();
    }

    private int capacityOfPeer() {
        return peer == null ? 0 : peer.capacity;
    }

    private void wakeWaiters() {
        everMask |= mask();
        if (item != null) {
            item.wakeUp();
        }
        if (watcher != null) {
            Actor woken = watcher;
            watcher = null;
            network.scheduler.wake(woken);
        }
    }

    // ---- receiving
    // --------------------------------------------------------------------------------

    int receive(byte[] to, int off, int asked) {
        if (received.isEmpty()) {
            return receiveNothing();
        }
        int most = Math.min(asked, received.size());
        boolean toTheMark = urgentIn > 0 && urgentIn < most;
        if (toTheMark) {
            most = urgentIn;
        }
        boolean cut = most > 1 && network.faults.hit(Kind.SHORT_READ);
        int n = cut ? 1 + network.dice.below(most - 1) : most;
        for (int i = 0; i < n; i++) {
            to[off + i] = received.removeFirst();
        }
        passMark(n);
        if (cut) {
            wakeWaiters(); // as though the rest had arrived just afterwards
        }
        SimSocket from = peer;
        if (from != null) {
            from.roomMade();
        }
        return n;
    }

    private void passMark(int n) {
        if (urgentIn > 0) {
            urgentIn -= n;
        }
        if (urgentIn == 0) {
            urgentIn = NO_MARK; // the urgent byte itself is not in the stream: SO_OOBINLINE is off
            urgent = false;
        }
    }

    private int receiveNothing() {
        if (error != NONE) {
            return -takeError();
        }
        if (finReceived || readShut || dead) {
            return 0;
        }
        return connected ? -Errno.EAGAIN.number() : -Errno.ENOTCONN.number();
    }

    /** SO_ERROR, which asking clears. */
    int takeError() {
        int was = error;
        error = NONE;
        return was;
    }

    private void roomMade() {
        if (noSpace && (room() * 3 >= capacityOfPeer() || dead)) {
            noSpace = false;
            wakeWaiters();
        }
    }

    // ---- sending
    // ------------------------------------------------------------------------------------

    int send(byte[] from, int off, int length) {
        if (error != NONE) {
            return -takeError();
        }
        SimSocket to = peer;
        if (writeShut || dead || to == null) {
            return -Errno.EPIPE.number();
        }
        int room = room();
        if (room > 0 && network.faults.hit(Kind.NO_ROOM_FOR_A_WHILE)) {
            room = 0;
            squeeze();
        }
        if (room <= 0) {
            noSpace = true;
            return -Errno.EAGAIN.number();
        }
        int n = Math.min(length, room);
        if (n > 1 && network.faults.hit(Kind.SHORT_WRITE)) {
            n = 1 + network.dice.below(n - 1);
        }
        if (n < length) {
            noSpace = true;
            if (n < room) {
                squeeze();
            }
        }
        transmit(to, from, off, n);
        return n;
    }

    /** There is no room, for reasons of the kernel's own, and there is again later. */
    private void squeeze() {
        squeezed++;
        later(
                () -> {
                    squeezed--;
                    roomMade();
                });
    }

    private void transmit(SimSocket to, byte[] bytes, int off, int n) {
        to.inFlight += n;
        int sent = 0;
        while (sent < n) {
            int begin = off + sent;
            int piece = network.dice.oneIn(3) ? 1 + network.dice.below(n - sent) : n - sent;
            inOrder(to, () -> to.arrive(bytes, begin, piece));
            sent += piece;
        }
    }

    /** MSG_OOB: the receiver's stream has a mark here. */
    void sendUrgent() {
        SimSocket to = peer;
        if (to != null && !writeShut && !dead) {
            inOrder(to, to::arriveUrgent);
        }
    }

    private void arriveUrgent() {
        if (!closed && !dead) {
            urgent = true;
            urgentIn = received.isEmpty() ? NO_MARK : received.size();
            wakeWaiters();
        }
    }

    private void inOrder(SimSocket to, Runnable arrival) {
        long at = Math.max(to.lastArrival, network.arrival());
        to.lastArrival = at;
        network.at(at, arrival);
    }

    private void later(Runnable event) {
        network.at(network.arrival(), event);
    }

    private void arrive(byte[] bytes, int off, int n) {
        if (closed) {
            SimSocket from = peer;
            if (from != null) {
                later(() -> from.reset(Errno.ECONNRESET));
            }
            return;
        }
        if (dead) {
            return;
        }
        inFlight -= n;
        if (received.isEmpty()) {
            readableSince = network.scheduler.now();
        }
        for (int i = 0; i < n; i++) {
            received.addLast(bytes[off + i]); // also after SHUT_RD, as Linux does
        }
        wakeWaiters();
    }

    // ---- ends
    // -----------------------------------------------------------------------------------------

    int shutdown(boolean reading, boolean writing) {
        if (!connected || dead) {
            return -Errno.ENOTCONN.number();
        }
        readShut |= reading;
        if (writing) {
            sendFin();
        }
        wakeWaiters();
        return 0;
    }

    /** FIONREAD. */
    int available() {
        return received.size();
    }

    private void sendFin() {
        SimSocket to = peer;
        if (!writeShut && to != null) {
            writeShut = true;
            inOrder(to, to::arriveFin);
        }
    }

    private void arriveFin() {
        if (!closed && !dead) {
            finReceived = true;
            wakeWaiters();
        }
    }

    /** The peer or the network ends it. */
    void reset(Errno why) {
        if (!closed && !dead) {
            dead = true;
            error = finReceived && writeShut ? NONE : why.number();
            wakeWaiters();
        }
    }

    void lingerNot(boolean not) {
        lingersNot = not;
    }

    /** close(2): FIN, or RST where bytes are left unread or SO_LINGER says so. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        SimSocket to = peer;
        if (listening) {
            network.unlisten(this);
        } else if (to != null && !dead) {
            if (lingersNot || !received.isEmpty()) {
                inOrder(to, () -> to.reset(Errno.ECONNRESET));
            } else {
                sendFin();
            }
        }
        dead |= !listening;
    }

    boolean isClosed() {
        return closed;
    }

    void incoming(SimSocket accepted) {
        backlog.addLast(accepted);
        wakeWaiters();
    }

    void established(SimSocket other) {
        if (!closed) {
            connectTo(other);
            wakeWaiters();
        } else {
            later(() -> other.reset(Errno.ECONNRESET));
        }
    }

    void refused(Errno why) {
        if (!closed) {
            connecting = false;
            dead = true;
            error = why.number();
            wakeWaiters();
        }
    }
}
