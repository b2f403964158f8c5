// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collection;

/**
 * The attributes of one request: about a dozen names that every request sets, reads many times and drops
 * again. A row of pairs, searched from its front by hash. The row is new for each request, so filling it
 * writes to no old object, which costs G1 a fence each time, and dropping it is one write.
 *
 * <p>Any thread may read while another writes, as those of asynchronous requests do: a pair is seen whole
 * or not at all, and stays where it is until it is removed. Written under this object's lock.
 */
final class AttributeTable {

    private static final int USUAL = 16;
    private static final @Nullable Pair[] NONE = {};

    private static final VarHandle END;

    static {
        try {
            END = MethodHandles.lookup().findVarHandle(AttributeTable.class, "end", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private record Pair(String name, int hash, Object value) {

        boolean is(String other, int otherHash) {
            return hash == otherHash && name.equals(other);
        }
    }

    /** Written under the lock, its elements too; read without. */
    private volatile @Nullable Pair[] row = NONE;

    /** No pair lies beyond it. Written under the lock after what lies before it, with release. */
    @SuppressWarnings("unused") // by END
    private int end;

    /** What is there by that name, or null. */
    @Nullable Object get(String name) {
        int hash = name.hashCode();
        int count = (int) END.getAcquire(this);
        @Nullable Pair[] pairs = row;
        for (int i = 0; i < count && i < pairs.length; i++) {
            Pair pair = pairs[i];
            if (pair != null && pair.is(name, hash)) {
                return pair.value;
            }
        }
        return null;
    }

    void put(String name, Object value) {
        Pair added = new Pair(name, name.hashCode(), value);
        synchronized (this) {
            int count = end;
            @Nullable Pair[] pairs = row;
            int place = count;
            for (int i = 0; i < count; i++) {
                Pair pair = pairs[i];
                if (pair == null) {
                    place = i;
                } else if (pair.is(name, added.hash)) {
                    place = i;
                    break;
                }
            }
            if (place == pairs.length) {
                pairs = longer(pairs);
                row = pairs;
            }
            pairs[place] = added;
            if (place == count) {
                END.setRelease(this, count + 1);
            }
        }
    }

    private static @Nullable Pair[] longer(@Nullable Pair[] pairs) {
        @Nullable Pair[] longer = new Pair[Math.max(USUAL, 2 * pairs.length)];
        System.arraycopy(pairs, 0, longer, 0, pairs.length);
        return longer;
    }

    synchronized void remove(String name) {
        int hash = name.hashCode();
        int count = end;
        @Nullable Pair[] pairs = row;
        for (int i = 0; i < count; i++) {
            Pair pair = pairs[i];
            if (pair != null && pair.is(name, hash)) {
                pairs[i] = null;
                return;
            }
        }
    }

    /** Adds every name to {@code names}. */
    void addNamesTo(Collection<String> names) {
        int count = (int) END.getAcquire(this);
        @Nullable Pair[] pairs = row;
        for (int i = 0; i < count && i < pairs.length; i++) {
            Pair pair = pairs[i];
            if (pair != null) {
                names.add(pair.name);
            }
        }
    }

    /** The request is over. */
    synchronized void clear() {
        if (end > 0) {
            END.setRelease(this, 0);
            row = NONE;
        }
    }
}
