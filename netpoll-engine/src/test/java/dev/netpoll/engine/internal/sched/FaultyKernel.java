// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.sys.Kernel;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.Errno;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** The real kernel, but for the calls that are told to fail, each once. */
final class FaultyKernel {

    private final Kernel real = new LinuxKernel(new CarrierScratch());
    private final Map<String, Queue<Object>> faults = new ConcurrentHashMap<>();

    /** The epoll instances it has given out. */
    final List<Integer> instances = new CopyOnWriteArrayList<>();

    /** The next call of {@code method} throws {@code error}, or the one after those that do already. */
    void fail(String method, Error error) {
        faults.computeIfAbsent(method, _ -> new ConcurrentLinkedQueue<>()).add(error);
    }

    /** The next calls of {@code method} answer {@code errno}. */
    void fail(String method, Errno errno, int times) {
        for (int i = 0; i < times; i++) {
            faults.computeIfAbsent(method, _ -> new ConcurrentLinkedQueue<>()).add(errno);
        }
    }

    /** Polls of this instance fail with EBADF from now on; 0 for none. */
    volatile int deadInstance;

    /** Whether the kernel has no epoll instance to give. */
    volatile boolean refusesInstances;

    boolean hasFailed(String method) {
        Queue<Object> left = faults.get(method);
        return left != null && left.isEmpty();
    }

    Kernel real() {
        return real;
    }

    Kernel kernel() {
        return (Kernel)
                Proxy.newProxyInstance(
                        Kernel.class.getClassLoader(),
                        new Class<?>[] {Kernel.class},
                        (_, method, arguments) -> {
                            Queue<Object> next = faults.get(method.getName());
                            Object fault = next == null ? null : next.poll();
                            if (method.getName().equals("epollCreate") && refusesInstances) {
                                fault = Errno.EMFILE;
                            } else if (method.getName().equals("epollWait")
                                    && deadInstance != 0
                                    && deadInstance == (int) arguments[0]) {
                                fault = Errno.EBADF;
                            }
                            if (fault instanceof Error error) {
                                throw error;
                            }
                            if (fault instanceof Errno errno) {
                                return -errno.number();
                            }
                            try {
                                Object answer = method.invoke(real, arguments);
                                if (method.getName().equals("epollCreate")) {
                                    instances.add((Integer) answer);
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
