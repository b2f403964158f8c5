// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.io.Errno;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** A kernel that has an epoll instance to give, and no eventfd. */
final class RefusingKernel {

    private static final int EPFD = 50;

    private final List<Integer> opened = new ArrayList<>();
    private final List<Integer> closed = new ArrayList<>();

    Kernel kernel() {
        return (Kernel)
                Proxy.newProxyInstance(
                        Kernel.class.getClassLoader(),
                        new Class<?>[] {Kernel.class},
                        (_, method, arguments) ->
                                switch (method.getName()) {
                                    case "epollCreate" -> {
                                        opened.add(EPFD);
                                        yield EPFD;
                                    }
                                    case "eventFd" -> -Errno.EMFILE.number();
                                    case "close" -> {
                                        closed.add((Integer) arguments[0]);
                                        yield 0;
                                    }
                                    default -> throw new AssertionError(method);
                                });
    }

    List<Integer> opened() {
        return opened;
    }

    List<Integer> closed() {
        return closed;
    }
}
