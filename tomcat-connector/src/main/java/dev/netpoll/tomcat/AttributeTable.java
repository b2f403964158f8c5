// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;

/**
 * The attributes of one request: about a dozen names that every request sets, reads many times and drops again. They
 * stand in a row of slots, each name at its hash or the next free one behind it, and mostly one slot of a row of hashes
 * is looked at. The row is new for each request, so filling it writes to no old object, which costs G1 a fence each
 * time, and dropping it is one write.
 *
 * <p>Any thread may read while another writes, as those of asynchronous requests do: a name keeps its slot in a row,
 * removed or not, so what is read there is a value that was set for that name, or nothing. Written under this object's
 * lock.
 */
final class AttributeTable {

    /** For the names of a small request of Spring MVC; a power of two. */
    private static final int USUAL = 32;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Object[].class);

    /** With a slot that is never taken. */
    private static final Row NONE = new Row(1);

    /** Written under the table's lock, read without. */
    private static final class Row {

        /** 0 for a free slot. */
        final int[] hashes;

        /** Names and values in turn. A name is written after its value, with release. */
        final @Nullable Object[] cells;

        /** Slots that are taken. Under the lock. */
        int taken;

        Row(int slots) {
            hashes = new int[slots];
            cells = new Object[2 * slots];
        }

        /** Never 0. */
        static int hash(String name) {
            int hash = name.hashCode() * 0x9E3779B9;
            return hash == 0 ? 1 : hash;
        }

        /** Where that name is, or -1. */
        int find(String name, int hash) {
            int last = hashes.length - 1;
            int slot = hash >>> 16 & last;
            for (int there = hashes[slot]; there != 0; there = hashes[slot]) {
                if (there == hash && name.equals(CELL.getAcquire(cells, 2 * slot))) {
                    return slot;
                }
                slot = slot + 1 & last;
            }
            return -1;
        }

        @Nullable Object value(int slot) {
            return CELL.getAcquire(cells, 2 * slot + 1);
        }

        void set(int slot, @Nullable Object value) {
            CELL.setRelease(cells, 2 * slot + 1, value);
        }

        /** A quarter stays free, so that a search ends soon. */
        boolean isFull() {
            return 4 * (taken + 1) > 3 * hashes.length;
        }

        void add(Object name, int hash, Object value) {
            int last = hashes.length - 1;
            int slot = hash >>> 16 & last;
            while (hashes[slot] != 0) {
                slot = slot + 1 & last;
            }
            hashes[slot] = hash;
            cells[2 * slot + 1] = value;
            CELL.setRelease(cells, 2 * slot, name);
            taken++;
        }

        private int live() {
            int live = 0;
            for (int i = 1; i < cells.length; i += 2) {
                live += cells[i] == null ? 0 : 1;
            }
            return live;
        }

        /** One with room, without what was removed. */
        Row longer() {
            int slots = USUAL;
            while (slots < 2 * (live() + 1)) {
                slots *= 2;
            }
            Row longer = new Row(slots);
            for (int i = 0; i < hashes.length; i++) {
                Object name = cells[2 * i];
                Object value = cells[2 * i + 1];
                if (name != null && value != null) {
                    longer.add(name, hashes[i], value);
                }
            }
            return longer;
        }
    }

    /** Written under the lock. */
    private volatile Row row = NONE;

    /** What is there by that name, or null. */
    @Nullable Object get(String name) {
        Row now = row;
        int slot = now.find(name, Row.hash(name));
        return slot < 0 ? null : now.value(slot);
    }

    void put(String name, Object value) {
        int hash = Row.hash(name);
        synchronized (this) {
            Row now = row;
            int slot = now.find(name, hash);
            if (slot >= 0) {
                now.set(slot, value);
                return;
            }
            if (now.isFull()) {
                now = now.longer();
                row = now;
            }
            now.add(name, hash, value);
        }
    }

    synchronized void remove(String name) {
        Row now = row;
        int slot = now.find(name, Row.hash(name));
        if (slot >= 0) {
            now.set(slot, null);
        }
    }

    /** Adds every name to {@code names}. */
    void addNamesTo(Collection<String> names) {
        Row now = row;
        for (int i = 0; i < now.hashes.length; i++) {
            if (CELL.getAcquire(now.cells, 2 * i) instanceof String name && now.value(i) != null) {
                names.add(name);
            }
        }
    }

    /** How many slots there are. */
    int room() {
        return row.hashes.length;
    }

    /** The request is over. */
    synchronized void clear() {
        if (row != NONE) {
            row = NONE;
        }
    }
}
