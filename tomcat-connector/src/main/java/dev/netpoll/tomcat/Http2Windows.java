// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.http2.Http2AsyncUpgradeHandler;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The windows of HTTP/2's flow control as Tomcat counts them for one connection and its streams (RFC 9113, 5.2), which it
 * shows nobody: what the connector sends by itself has to be taken out of them.
 *
 * <p>Three methods of Tomcat's that are not public, looked up once. Where one is missing, or the package is closed to the
 * connector, there is no room for anything.
 *
 * @param stream of a connection: the stream of that number, or null
 * @param size of a connection or a stream
 * @param decrement of a connection or a stream
 */
record Http2Windows(MethodHandle stream, MethodHandle size, MethodHandle decrement) {

    private static final Log LOG = LogFactory.getLog(Http2Windows.class);

    private static final @Nullable Http2Windows TOMCATS = find();

    /** Null where Tomcat's methods can't be had. */
    static @Nullable Http2Windows ofTomcat() {
        return TOMCATS;
    }

    private static @Nullable Http2Windows find() {
        String inside = Http2AsyncUpgradeHandler.class.getPackageName();
        ClassLoader loader = Http2AsyncUpgradeHandler.class.getClassLoader();
        try {
            Class<?> any = Class.forName(inside + ".AbstractStream", false, loader);
            Class<?> one = Class.forName(inside + ".Stream", false, loader);
            MethodHandles.Lookup lookup =
                    MethodHandles.privateLookupIn(
                            Http2AsyncUpgradeHandler.class, MethodHandles.lookup());
            return new Http2Windows(
                    typed(
                            lookup.findVirtual(
                                    Http2AsyncUpgradeHandler.class,
                                    "getStream",
                                    MethodType.methodType(one, int.class)),
                            Object.class,
                            int.class),
                    typed(
                            lookup.findVirtual(
                                    any, "getWindowSize", MethodType.methodType(long.class)),
                            long.class),
                    typed(
                            lookup.findVirtual(
                                    any,
                                    "decrementWindowSize",
                                    MethodType.methodType(void.class, int.class)),
                            void.class,
                            int.class));
        } catch (ReflectiveOperationException | LinkageError e) {
            LOG.debug("Answers of the connector's own over HTTP/2 have no body", e);
            return null;
        }
    }

    private static MethodHandle typed(
            MethodHandle method, Class<?> returned, Class<?>... parameters) {
        return method.asType(
                MethodType.methodType(returned, parameters).insertParameterTypes(0, Object.class));
    }

    /**
     * Takes {@code bytes} out of the windows of {@code connection} and its stream. The caller holds the lock of the
     * connection's windows, and nothing else is sent on the stream.
     *
     * @return false when they have no room, or the stream is not there; then nothing is taken
     */
    boolean take(Http2AsyncUpgradeHandler connection, int streamId, int bytes) {
        try {
            Object one = (Object) stream.invokeExact((Object) connection, streamId);
            if (one == null
                    || (long) size.invokeExact((Object) connection) < bytes
                    || (long) size.invokeExact(one) < bytes) {
                return false;
            }
            decrement.invokeExact((Object) connection, bytes);
            decrement.invokeExact(one, bytes);
            return true;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("none of them throws", e);
        }
    }
}
