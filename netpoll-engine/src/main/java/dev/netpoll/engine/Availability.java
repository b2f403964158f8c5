// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.internal.sys.ScratchSource;
import dev.netpoll.engine.io.Errno;

import org.jspecify.annotations.Nullable;

/** Finds out, once a JVM, whether the engine can run in it. */
final class Availability {

    static final @Nullable String OBSTACLE = find();

    private Availability() {}

    private static @Nullable String find() {
        String os = System.getProperty("os.name", "");
        if (!os.equals("Linux")) {
            return "epoll is Linux's, and this is " + os;
        }
        try {
            var kernel = new LinuxKernel(ScratchSource.pooled());
            int epfd = kernel.epollCreate();
            if (epfd < 0) {
                return "the kernel refuses an epoll instance: " + Errno.nameOf(epfd);
            }
            kernel.close(epfd);
            return null;
        } catch (LinkageError | RuntimeException e) {
            // The bindings are made while their class is initialized, which wraps what they throw.
            Throwable cause = e instanceof ExceptionInInitializerError ? e.getCause() : e;
            return cause instanceof IllegalCallerException
                    ? "native access is denied: start the JVM with"
                            + " --enable-native-access=ALL-UNNAMED, or put 'Enable-Native-Access:"
                            + " ALL-UNNAMED' into the executable jar's manifest"
                    : "the C library could not be linked: " + cause;
        }
    }
}
