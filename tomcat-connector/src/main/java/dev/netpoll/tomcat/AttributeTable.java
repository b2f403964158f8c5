// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;

/**
 * The attributes of one request: about a dozen names that every request sets, reads many times and drops again. They
 * stand in a row that is searched from its front by hash, without touching any other object than the row of hashes.
 * It is new for each request, so filling it writes to no old object, which costs G1 a fence each time, and dropping
 * it is one write.
 *
 * <p>Any thread may read while another writes, as those of asynchronous requests do: a name keeps its place in a row,
 * removed or not, so what is read there is a value that was set for that name, or nothing. Written under this
 * object's lock.
 */
final class AttributeTable {

    private static final int USUAL = 16;

    private static final VarHandle END;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(Object[].class);

    static {
        try {
            END = MethodHandles.lookup().findVarHandle(Row.class, "end", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Row NONE = new Row(0);

    /** Names and values in turn, with the names' hashes. Written under the table's lock, read without. */
    private static final class Row {

        final int[] hashes;
        final @Nullable Object[] cells;

        /** Nothing lies beyond it. Written after what lies before it, with release. */
        @SuppressWarnings("unused") // by END
        int end;

        Row(int room) {
            hashes = new int[room];
            cells = new Object[2 * room];
        }

        /** Where that name has its place, or -1. */
        int find(String name, int hash) {
            int count = (int) END.getAcquire(this);
            for (int i = 0; i < count; i++) {
                if (hashes[i] == hash && name.equals(cells[2 * i])) {
                    return i;
                }
            }
            return -1;
        }

        @Nullable Object value(int place) {
            return CELL.getAcquire(cells, 2 * place + 1);
        }

        void set(int place, @Nullable Object value) {
            CELL.setRelease(cells, 2 * place + 1, value);
        }

        boolean isFull() {
            return end == hashes.length;
        }

        void add(Object name, int hash, Object value) {
            int place = end;
            hashes[place] = hash;
            cells[2 * place] = name;
            cells[2 * place + 1] = value;
            END.setRelease(this, place + 1);
        }

        private int live() {
            int live = 0;
            for (int i = 0; i < end; i++) {
                live += cells[2 * i + 1] == null ? 0 : 1;
            }
            return live;
        }

        /** One with room, without what was removed. */
        Row longer() {
            Row longer = new Row(Math.max(USUAL, 2 * live()));
            for (int i = 0; i < end; i++) {
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
        int place = now.find(name, name.hashCode());
        return place < 0 ? null : now.value(place);
    }

    void put(String name, Object value) {
        int hash = name.hashCode();
        synchronized (this) {
            Row now = row;
            int place = now.find(name, hash);
            if (place >= 0) {
                now.set(place, value);
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
        int place = now.find(name, name.hashCode());
        if (place >= 0) {
            now.set(place, null);
        }
    }

    /** Adds every name to {@code names}. */
    void addNamesTo(Collection<String> names) {
        Row now = row;
        int count = (int) END.getAcquire(now);
        for (int i = 0; i < count; i++) {
            if (now.value(i) != null && now.cells[2 * i] instanceof String name) {
                names.add(name);
            }
        }
    }

    /** For how many names the row is made. */
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
