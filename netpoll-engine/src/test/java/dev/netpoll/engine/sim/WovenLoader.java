// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * Loads the engine once more, with preemption points woven in, and the simulated world beside it as it
 * is. Each loader is an engine of its own, with a mutant or without.
 */
final class WovenLoader extends ClassLoader {

    private static final String ENGINE = "dev.netpoll.engine.";
    private static final String HOST = WovenLoader.class.getPackageName() + ".";
    private static final String WORLD = HOST + "world.";

    private final ClassLoader plain = Objects.requireNonNull(getClass().getClassLoader());
    private final Weaver weaver;

    WovenLoader(@Nullable Mutant mutant) throws IOException {
        super("woven" + (mutant == null ? "" : "-" + mutant), WovenLoader.class.getClassLoader());
        this.weaver = new Weaver(plain, mutant);
    }

    /** A runner of simulations of this loader's engine. Every class is initialised before the first. */
    SeedRunner runner() {
        try {
            for (String name : weaver.woven()) {
                // What this one does once, it does to the whole JVM.
                Class.forName(name, !name.endsWith(".LoopDelays"), this);
            }
            Object world =
                    Class.forName(WORLD + "World", true, this).getConstructor().newInstance();
            return (SeedRunner) world;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The woven engine cannot be loaded", e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        boolean shared =
                !name.startsWith(ENGINE) || name.startsWith(HOST) && !name.startsWith(WORLD);
        if (shared) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        try (InputStream in = plain.getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = in.readAllBytes();
            byte[] defined = weaver.weave(name, bytes);
            return defineClass(name, defined, 0, defined.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
