// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;

/**
 * A Tomcat in which one class is another than the connector was compiled against. Loads Tomcat and
 * the connector anew, everything else from its parent.
 */
final class DoctoredTomcat extends ClassLoader {

    private final String patient;

    /** Null for a class that is not there at all. */
    private final @Nullable ClassTransform operation;

    DoctoredTomcat(Class<?> patient, @Nullable ClassTransform operation) {
        super(DoctoredTomcat.class.getClassLoader());
        this.patient = patient.getName();
        this.operation = operation;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith("org.apache.") && !name.startsWith("dev.netpoll.tomcat.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            boolean gone = name.equals(patient) && operation == null;
            if (in == null || gone) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            if (name.equals(patient)) {
                ClassFile file = ClassFile.of();
                bytes = file.transformClass(file.parse(bytes), operation);
            }
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
