// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.FieldRefEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Looks every reference of the connector's classes into Tomcat up, as the JVM would when it first runs
 * over it: class, field, method, and abstract methods without an implementation.
 *
 * <p>Begins at the protocol and follows it to every class of the connector. Reads their class files,
 * so it knows what was compiled and not what was written down. Confined to one call.
 */
final class ConnectorLinkage {

    private static final String CONNECTOR = "dev.netpoll.tomcat.";
    private static final String TOMCAT = "org.apache.";
    private static final String CONSTRUCTOR = "<init>";

    private final ClassLoader loader;

    ConnectorLinkage(ClassLoader loader) {
        this.loader = loader;
    }

    /** What the connector needs and Tomcat does not have, in words; null when nothing is missing. */
    @Nullable String firstMissing() {
        Deque<String> open = new ArrayDeque<>();
        Set<String> seen = new HashSet<>();
        open.add(TomcatCompatibility.PROTOCOL);
        seen.add(TomcatCompatibility.PROTOCOL);
        try {
            while (!open.isEmpty()) {
                String missing = firstMissing(open.remove(), open, seen);
                if (missing != null) {
                    return missing;
                }
            }
            return null;
        } catch (LinkageError | ClassNotFoundException e) {
            return e.toString();
        } catch (IOException e) {
            return "the connector's own classes cannot be read: " + e;
        }
    }

    private @Nullable String firstMissing(String name, Deque<String> open, Set<String> seen)
            throws ClassNotFoundException, IOException {
        // Linking it finds final methods overridden and what its verification needs.
        String unimplemented = firstAbstract(Class.forName(name, true, loader));
        if (unimplemented != null) {
            return unimplemented;
        }
        for (PoolEntry entry : read(name).constantPool()) {
            if (entry instanceof ClassEntry type) {
                String referred = javaName(type);
                if (referred.startsWith(CONNECTOR) && seen.add(referred)) {
                    open.add(referred);
                } else if (referred.startsWith(TOMCAT)) {
                    load(referred);
                }
            } else if (entry instanceof MemberRefEntry member && !isThere(member)) {
                return javaName(member.owner())
                        + "."
                        + member.name().stringValue()
                        + " "
                        + member.type().stringValue();
            }
        }
        return null;
    }

    private ClassModel read(String name) throws IOException {
        String resource = name.replace('.', '/') + ".class";
        try (InputStream in = loader.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is not there");
            }
            return ClassFile.of().parse(in.readAllBytes());
        }
    }

    private Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName(name, false, loader);
    }

    private static String javaName(ClassEntry type) {
        return type.asInternalName().replace('/', '.');
    }

    // ---- members --------------------------------------------------------------------------------

    private boolean isThere(MemberRefEntry reference) throws ClassNotFoundException {
        String owner = javaName(reference.owner());
        if (!owner.startsWith(CONNECTOR) && !owner.startsWith(TOMCAT)) {
            return true;
        }
        String name = reference.name().stringValue();
        String type = reference.type().stringValue();
        if (reference instanceof FieldRefEntry) {
            return hasField(load(owner), name, type);
        }
        return name.equals(CONSTRUCTOR)
                ? hasConstructor(load(owner), type)
                : findMethod(load(owner), name, type) != null;
    }

    /** Constants of interfaces among them. */
    private static boolean hasField(Class<?> owner, String name, String descriptor) {
        Set<Class<?>> types = new LinkedHashSet<>();
        addTypes(owner, types);
        for (Class<?> type : types) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)
                        && field.getType().descriptorString().equals(descriptor)) {
                    return isAccessible(field);
                }
            }
        }
        return false;
    }

    private static boolean hasConstructor(Class<?> owner, String type) {
        return Stream.of(owner.getDeclaredConstructors())
                .filter(c -> descriptor(void.class, c.getParameterTypes()).equals(type))
                .anyMatch(ConnectorLinkage::isAccessible);
    }

    /** As JVMS 5.4.3.3 has it: superclasses first, then their interfaces. */
    private static @Nullable Method findMethod(Class<?> owner, String name, String type) {
        for (Class<?> c = owner; c != null; c = c.getSuperclass()) {
            Method method = declared(c, name, type);
            if (method != null) {
                return isAccessible(method) ? method : null;
            }
        }
        return findInInterfaces(owner, name, type);
    }

    private static @Nullable Method findInInterfaces(Class<?> owner, String name, String type) {
        for (Class<?> c = owner; c != null; c = c.getSuperclass()) {
            for (Class<?> i : c.getInterfaces()) {
                Method method = declared(i, name, type);
                method = method != null ? method : findInInterfaces(i, name, type);
                if (method != null) {
                    return method;
                }
            }
        }
        return null;
    }

    private static @Nullable Method declared(Class<?> owner, String name, String type) {
        for (Method method : owner.getDeclaredMethods()) {
            if (method.getName().equals(name)
                    && descriptor(method.getReturnType(), method.getParameterTypes())
                            .equals(type)) {
                return method;
            }
        }
        return null;
    }

    /** Tomcat's private and package-private members are not ours to use; our own are. */
    private static boolean isAccessible(Member member) {
        int modifiers = member.getModifiers();
        return Modifier.isPublic(modifiers)
                || Modifier.isProtected(modifiers)
                || member.getDeclaringClass().getName().startsWith(CONNECTOR);
    }

    private static String descriptor(Class<?> returned, Class<?>[] parameters) {
        return MethodType.methodType(returned, parameters).descriptorString();
    }

    // ---- abstract methods -----------------------------------------------------------------------

    private static @Nullable String firstAbstract(Class<?> ours) {
        if (Modifier.isAbstract(ours.getModifiers())) {
            return null;
        }
        Set<Class<?>> types = new HashSet<>();
        addTypes(ours, types);
        for (Class<?> type : types) {
            for (Method method : type.getDeclaredMethods()) {
                if (Modifier.isAbstract(method.getModifiers()) && !isImplemented(method, ours)) {
                    return "an implementation of " + method + " in " + ours.getName();
                }
            }
        }
        return null;
    }

    private static void addTypes(@Nullable Class<?> type, Set<Class<?>> types) {
        if (type != null && types.add(type)) {
            addTypes(type.getSuperclass(), types);
            for (Class<?> i : type.getInterfaces()) {
                addTypes(i, types);
            }
        }
    }

    private static boolean isImplemented(Method method, Class<?> ours) {
        String type = descriptor(method.getReturnType(), method.getParameterTypes());
        Method found = findMethod(ours, method.getName(), type);
        return found != null && !Modifier.isAbstract(found.getModifiers());
    }
}
