// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.internal.sys.EpollEvents;
import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.sim.world.Faults.Kind;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;

/**
 * A simulated epoll instance, edge-triggered: an entry joins the ready list when its socket's wait queue
 * is woken, and the wait reports the bits that hold then, if any, and takes it off the list.
 */
final class SimEpoll {

    private static final int INTEREST =
            SimSocket.IN | SimSocket.OUT | SimSocket.PRI | SimSocket.RDHUP;
    private static final int ALWAYS = SimSocket.ERR | SimSocket.HUP;

    /** What one registration is of: a socket, or an eventfd where there is none. */
    static final class Item {

        private final SimEpoll epoll;
        final int fd;
        private final long data;
        private final @Nullable SimSocket socket;

        private Item(SimEpoll epoll, int fd, long data, @Nullable SimSocket socket) {
            this.epoll = epoll;
            this.fd = fd;
            this.data = data;
            this.socket = socket;
        }

        SimEpoll epoll() {
            return epoll;
        }

        void wakeUp() {
            epoll.ready.add(this);
            epoll.wakePoller();
        }

        int mask() {
            int now = socket == null ? SimSocket.IN : socket.poll();
            return now & (INTEREST | ALWAYS);
        }
    }

    /** What one wait brought. */
    static final class Events implements EpollEvents {

        private final int capacity;
        private final long[] data;
        private final int[] masks;
        private int count;

        Events(int capacity) {
            this.capacity = capacity;
            this.data = new long[capacity];
            this.masks = new int[capacity];
        }

        private void add(long datum, int mask) {
            data[count] = datum;
            masks[count++] = mask;
        }

        @Override
        public long data(int index) {
            return data[index];
        }

        @Override
        public int mask(int index) {
            return masks[index];
        }
    }

    private final Scheduler scheduler;
    private final Faults faults;
    private final LinkedHashSet<Item> ready = new LinkedHashSet<>();
    private final LinkedHashSet<Item> items = new LinkedHashSet<>();
    private @Nullable Actor poller;
    private @Nullable Actor sleeper;
    private long sleepsUntil;

    SimEpoll(Scheduler scheduler, Faults faults) {
        this.scheduler = scheduler;
        this.faults = faults;
    }

    Item add(int fd, long data, @Nullable SimSocket socket) {
        Item item = new Item(this, fd, data, socket);
        items.add(item);
        if (socket != null && item.mask() != 0) {
            item.wakeUp();
        }
        return item;
    }

    void remove(Item item) {
        items.remove(item);
        ready.remove(item);
    }

    boolean isPolled() {
        return poller != null;
    }

    /** Until when its poller sleeps; 0 when it does not. */
    long sleepsUntil() {
        return sleeper == null ? 0 : sleepsUntil;
    }

    private void wakePoller() {
        Actor woken = sleeper;
        if (woken != null) {
            sleeper = null;
            scheduler.wake(woken);
        }
    }

    int await(Events events, long timeoutNanos) {
        if (poller != null) {
            scheduler.violate("Two threads poll at once: " + poller);
        }
        poller = scheduler.chosen();
        try {
            long until = timeoutNanos < 0 ? Actor.NEVER : scheduler.now() + timeoutNanos;
            spurious();
            while (true) {
                int n = collect(events);
                if (n != 0 || timeoutNanos >= 0 && scheduler.now() >= until) {
                    return n;
                }
                if (faults.hit(Kind.INTERRUPTED_EPOLL_WAIT)) {
                    return -Errno.EINTR.number();
                }
                sleeper = scheduler.chosen();
                sleepsUntil = until;
                scheduler.block(until);
                sleeper = null;
            }
        } finally {
            poller = null;
        }
    }

    /** Whether a wait would find something; takes nothing off the list. */
    boolean isReady() {
        return ready.stream().anyMatch(item -> item.mask() != 0);
    }

    /** An entry is on the ready list though nothing has happened to it since. */
    private void spurious() {
        if (!items.isEmpty() && faults.hit(Kind.SPURIOUS_EVENT)) {
            int which = scheduler.dice.below(items.size());
            items.stream().skip(which).findFirst().ifPresent(ready::add);
        }
    }

    private int collect(Events events) {
        events.count = 0;
        for (Item item : ready.toArray(new Item[0])) {
            if (events.count == events.capacity) {
                break;
            }
            if (events.count > 0 && faults.hit(Kind.EVENT_HELD_BACK)) {
                continue; // as though it had come a moment later
            }
            ready.remove(item);
            int mask = item.mask();
            if (mask != 0) {
                events.add(item.data, mask);
            }
        }
        return events.count;
    }
}
