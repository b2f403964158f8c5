// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import org.jspecify.annotations.Nullable;

/** Finds the types of drivers, which this module is compiled without, by their names. */
final class DriverTypes {

    private DriverTypes() {}

    /** The type of that name, or null where the driver is not on the class path. */
    static @Nullable Class<?> find(String name) {
        ClassLoader[] loaders = {
            DriverTypes.class.getClassLoader(), Thread.currentThread().getContextClassLoader()
        };
        for (ClassLoader loader : loaders) {
            try {
                return Class.forName(name, false, loader);
            } catch (ClassNotFoundException notHere) {
                // the next one
            }
        }
        return null;
    }
}
