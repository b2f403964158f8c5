// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/** What an object keeps alive of this project's own classes, found by following fields. */
public final class Reachable {

    private Reachable() {}

    /** How many objects of our classes can be reached from {@code root}, itself included. */
    public static int from(Object root) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> toVisit = new ArrayDeque<>();
        toVisit.add(root);
        while (!toVisit.isEmpty()) {
            Object each = toVisit.poll();
            if (seen.add(each)) {
                follow(each, toVisit);
            }
        }
        return seen.size();
    }

    private static void follow(Object object, Deque<Object> toVisit) {
        Class<?> type = object.getClass();
        if (type.isArray() && !type.getComponentType().isPrimitive()) {
            for (int i = 0; i < Array.getLength(object); i++) {
                add(Array.get(object, i), toVisit);
            }
        }
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            for (Field field : each.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    add(valueOf(field, object), toVisit);
                }
            }
        }
    }

    private static Object valueOf(Field field, Object object) {
        try {
            if (!field.getDeclaringClass().getName().startsWith("dev.netpoll.")) {
                return null; // the JDK's are closed to reflection
            }
            field.setAccessible(true);
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static void add(Object value, Deque<Object> toVisit) {
        if (value != null
                && (value.getClass().isArray()
                        || value.getClass().getName().startsWith("dev.netpoll."))) {
            toVisit.add(value);
        }
    }
}
