// SPDX-License-Identifier: Apache-2.0
/**
 * The netpoll engine: sockets on epoll event loops that carry virtual threads.
 *
 * <p>Its loops carry the virtual threads only where {@code java.lang} of {@code java.base} is opened to it
 * ({@code --add-opens java.base/java.lang=dev.netpoll.engine}); it calls the kernel through foreign
 * functions ({@code --enable-native-access=dev.netpoll.engine}).
 */
module dev.netpoll.engine {
    requires jdk.jfr;
    requires jdk.net;
    requires static transitive org.jspecify;

    exports dev.netpoll.engine;
    exports dev.netpoll.engine.io;
    exports dev.netpoll.engine.stats;
}
