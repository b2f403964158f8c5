// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.Socket;
import java.net.SocketImpl;
import java.net.SocketImplFactory;
import java.util.Objects;

/**
 * The JDK's own implementation of {@link Socket}, for a factory that replaces it: the JVM asks such a factory
 * for every socket, also for those that only the JDK's implementation can serve.
 *
 * <p>Its classes are private to {@code java.net}, which has to be open to the engine. Safe from any thread.
 */
public final class JdkSockets {

    private static final @Nullable MethodHandle NEW_IMPLEMENTATION;
    private static final @Nullable MethodHandle FACTORY;
    private static final @Nullable String OBSTACLE;

    static {
        MethodHandle implementation = null;
        MethodHandle factory = null;
        String obstacle = null;
        try {
            var lookup = MethodHandles.privateLookupIn(Socket.class, MethodHandles.lookup());
            implementation = implementation(lookup);
            factory =
                    lookup.findStatic(
                            Socket.class,
                            "socketImplFactory",
                            MethodType.methodType(SocketImplFactory.class));
        } catch (IllegalAccessException e) {
            obstacle =
                    "java.net is not open to the engine: start the JVM with"
                            + " --add-opens=java.base/java.net=ALL-UNNAMED as well, or put"
                            + " 'Add-Opens: java.base/java.lang java.base/java.net' into the"
                            + " executable jar's manifest";
        } catch (ReflectiveOperationException e) {
            obstacle =
                    "this JDK ("
                            + Runtime.version()
                            + ") makes its sockets another way than JDK 25: "
                            + e.getMessage();
        }
        NEW_IMPLEMENTATION = implementation;
        FACTORY = factory;
        OBSTACLE = obstacle;
    }

    private JdkSockets() {}

    /** As Socket.createImpl does it without a factory: the platform's, behind what knows SOCKS proxies. */
    private static MethodHandle implementation(MethodHandles.Lookup lookup)
            throws ReflectiveOperationException {
        MethodHandle platform =
                lookup.findStatic(
                        SocketImpl.class,
                        "createPlatformSocketImpl",
                        MethodType.methodType(SocketImpl.class, boolean.class));
        MethodHandle behindSocks =
                lookup.findConstructor(
                        lookup.findClass("java.net.SocksSocketImpl"),
                        MethodType.methodType(void.class, SocketImpl.class));
        MethodHandle ofClients = MethodHandles.insertArguments(platform, 0, false);
        return MethodHandles.filterReturnValue(ofClients, behindSocks)
                .asType(MethodType.methodType(SocketImpl.class));
    }

    /** Why the JDK's implementation cannot be had in this JVM, and what to do; null when it can. */
    public static @Nullable String obstacle() {
        return OBSTACLE;
    }

    /** The implementation of a client's socket, as the JDK makes it. */
    public static SocketImpl create() {
        return Objects.requireNonNull((SocketImpl) called(NEW_IMPLEMENTATION));
    }

    /** The factory that the JVM has been given; null for none. */
    public static @Nullable SocketImplFactory factory() {
        return (SocketImplFactory) called(FACTORY);
    }

    private static @Nullable Object called(@Nullable MethodHandle method) {
        if (method == null) {
            throw new IllegalStateException(OBSTACLE);
        }
        try {
            return method.invoke();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new IllegalStateException("The JDK refused a socket", t);
        }
    }
}
