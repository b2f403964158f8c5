// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Field;

/**
 * A final field of Tomcat's that is set all the same, by the thread that has its object to itself. Up to JDK 25: a later JVM
 * warns of whoever does so, and one after that forbids it (JEP 500).
 */
final class FinalField {

    private static final int LAST_SILENT_JDK = 25;

    private final Field field;

    private FinalField(Field field) {
        this.field = field;
    }

    /** Null where there is none of that name and type, or it must stay as it is. */
    static @Nullable FinalField of(Class<?> owner, String name, Class<?> type) {
        if (Runtime.version().feature() > LAST_SILENT_JDK) {
            return null;
        }
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field.getType() == type ? new FinalField(field) : null;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    Object get(Object of) {
        try {
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // it was made accessible
        }
    }

    void set(Object of, Object value) {
        try {
            field.set(of, value);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e); // as above
        }
    }
}
