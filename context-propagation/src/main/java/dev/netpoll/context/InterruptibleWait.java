// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Method;
import java.nio.channels.InterruptibleChannel;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A wait that an interrupt ends, seen from beside the thread by its state and its stack.
 *
 * <p>The outermost of the JDK's methods at the top of the stack declares {@link InterruptedException}
 * ({@code Thread.sleep}, {@code BlockingQueue.take}, {@code Future.get}); or it is a library's own method
 * that parks and declares it. None is: {@code ReentrantLock.lock} and all else that puts an interrupt off
 * until it is done, libraries' {@code …Uninterruptibly} too; a write; any wait inside of an interruptible
 * channel, which an interrupt would close, be the channel the JDK's or a library's. Reading from a {@link
 * java.net.Socket} and connecting one is a kind of its own, whatever its implementation.
 *
 * <p>It is a look, and the thread may go on. Right before the interrupt a second look at what is cheap to
 * see ({@link #isStillOn}) leaves the time between two instructions.
 *
 * @param state WAITING or TIMED_WAITING
 * @param blocker what the thread says it waits for, or null
 * @param frames the top of its stack
 */
record InterruptibleWait(
        Thread.State state, @Nullable Object blocker, Kind kind, List<StackTraceElement> frames) {

    /** What becomes of the interrupt. */
    enum Kind {
        /**
         * The wait takes it off the thread: it looks for an interrupt first, and then for what it waits
         * for. A sleep, a lock, a semaphore, a latch, a virtual thread's end.
         */
        SURE,

        /**
         * The wait takes it off the thread, except when what it waits for comes before the thread runs
         * again: then it returns that, and the interrupt stays. A queue, a condition, a future, a
         * monitor. Unlikely in a wait that has lasted.
         */
        LIKELY,

        /** It closes the socket that a virtual thread reads from, and stays on the thread. */
        SOCKET
    }

    private static final String NIO = "sun.nio.ch.";

    private static final Map<String, Set<String>> SOCKETS =
            Map.of(
                    NIO + "NioSocketImpl",
                    Set.of("implRead", "accept", "connect"),
                    NIO + "SocketChannelImpl",
                    Set.of("implRead", "read", "connect", "blockingRead"),
                    NIO + "ServerSocketChannelImpl",
                    Set.of("accept", "blockingAccept"),
                    NIO + "DatagramChannelImpl",
                    Set.of("receive", "blockingReceive", "read"));

    /** The JDK's methods that another implementation of a socket waits in: the engine's, a library's. */
    private static final Map<String, Set<String>> CALLERS_OF_SOCKETS =
            Map.of(
                    "java.net.Socket$SocketInputStream",
                    Set.of("implRead", "read"),
                    "java.net.Socket",
                    Set.of("connect"));

    /** So many methods of such an implementation may be between. */
    private static final int SOCKET_FRAMES = 16;

    private static final String LOCKS = "java.util.concurrent.locks.";

    private static final Set<String> TAKING =
            Set.of(
                    "acquireInterruptibly",
                    "tryAcquireNanos",
                    "acquireSharedInterruptibly",
                    "tryAcquireSharedNanos");

    /** They take an interrupt and say so in another way than by the exception's name. */
    private static final Map<String, Set<String>> OTHERS =
            Map.of(
                    "java.io.PipedInputStream", Set.of("read"),
                    "java.io.PipedOutputStream", Set.of("write"),
                    "java.io.PipedReader", Set.of("read"),
                    "java.io.PipedWriter", Set.of("write"),
                    "kotlinx.coroutines.BlockingCoroutine", Set.of("joinBlocking"));

    /** So many of a library's methods above a wait of the JDK's belong to it. */
    private static final int LIBRARY_FRAMES = 4;

    /** Of the JDK's methods: whether they declare the exception. */
    private static final Map<String, Boolean> DECLARING = new ConcurrentHashMap<>();

    /** The one that {@code thread} is in, or null. */
    static @Nullable InterruptibleWait of(Thread thread) {
        Thread.State state = thread.getState();
        if (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING) {
            return null;
        }
        Object blocker = LockSupport.getBlocker(thread);
        List<StackTraceElement> stack = List.of(thread.getStackTrace());
        int jdk = 0;
        while (jdk < stack.size() && isJdk(stack.get(jdk))) {
            jdk++;
        }
        List<StackTraceElement> top =
                stack.subList(0, Math.min(stack.size(), jdk + LIBRARY_FRAMES));
        Kind kind =
                thread.isVirtual() && isInASocketsImplementation(stack, jdk)
                        ? Kind.SOCKET
                        : kind(top, jdk, thread.getContextClassLoader());
        return kind == null ? null : new InterruptibleWait(state, blocker, kind, top);
    }

    /** Whether {@code thread} is in it now, as far as that is cheap to see. */
    boolean isStillOn(Thread thread) {
        return LockSupport.getBlocker(thread) == blocker && thread.getState() == state;
    }

    /** Whether it looks the same as the one before. */
    boolean isLike(@Nullable InterruptibleWait before) {
        return before != null && before.blocker == blocker && before.frames.equals(frames);
    }

    /** Of a stack whose first {@code jdk} frames are the JDK's; null if that is none. */
    private static @Nullable Kind kind(
            List<StackTraceElement> stack, int jdk, @Nullable ClassLoader loader) {
        List<StackTraceElement> library = stack.subList(jdk, stack.size());
        if (jdk == 0 || isUninterruptible(library) || isInChannel(library, loader)) {
            return null;
        }
        Kind kind = Kind.LIKELY;
        for (int i = 0; i < jdk; i++) {
            StackTraceElement frame = stack.get(i);
            if (isIn(SOCKETS, frame)) {
                return Kind.SOCKET;
            }
            if (putsInterruptsOff(stack, i) || isChannelOfTheJdk(frame)) {
                return null;
            }
            kind = isSure(frame) ? Kind.SURE : kind;
        }
        StackTraceElement outermost = stack.get(jdk - 1);
        if (isIn(OTHERS, outermost) || declares(outermost)) {
            return kind;
        }
        boolean librarysOwn =
                isPark(outermost) && jdk < stack.size() && isLibrarysOwn(stack.get(jdk), loader);
        return librarysOwn ? Kind.LIKELY : null;
    }

    /** Whether {@link java.net.Socket} has called what parks, to read or to connect. */
    private static boolean isInASocketsImplementation(List<StackTraceElement> stack, int jdk) {
        return jdk > 0
                && isPark(stack.get(jdk - 1))
                && stack.subList(jdk, Math.min(stack.size(), jdk + SOCKET_FRAMES)).stream()
                        .anyMatch(frame -> isIn(CALLERS_OF_SOCKETS, frame));
    }

    private static boolean isPark(StackTraceElement frame) {
        return frame.getClassName().equals(LockSupport.class.getName());
    }

    private static boolean isJdk(StackTraceElement frame) {
        String module = frame.getModuleName();
        return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
    }

    /** A plain lock inside of something else, or a condition that has come and wants its lock back. */
    private static boolean putsInterruptsOff(List<StackTraceElement> stack, int at) {
        StackTraceElement frame = stack.get(at);
        String type = frame.getClassName();
        if (!type.startsWith(LOCKS)) {
            return false;
        }
        boolean reacquires =
                type.startsWith(LOCKS + "AbstractQueued")
                        && frame.getMethodName().contains("cquire")
                        && at + 1 < stack.size()
                        && stack.get(at + 1).getClassName().endsWith("$ConditionObject");
        return reacquires || frame.getMethodName().equals("lock");
    }

    /** A file's, a pipe's; sockets are looked at before. */
    private static boolean isChannelOfTheJdk(StackTraceElement frame) {
        return frame.getClassName().startsWith(NIO)
                && frame.getClassName().endsWith("ChannelImpl")
                && !frame.getClassName().contains("Asynchronous");
    }

    /** A library's own file: an embedded database's, a file system's in memory. */
    private static boolean isInChannel(
            List<StackTraceElement> library, @Nullable ClassLoader loader) {
        return library.stream().anyMatch(frame -> isChannel(frame, loader));
    }

    private static boolean isChannel(StackTraceElement frame, @Nullable ClassLoader loader) {
        String name = frame.getClassName();
        if (name.indexOf('/') >= 0) {
            return false; // a lambda's class: no loader finds it, and looking is slow
        }
        try {
            return InterruptibleChannel.class.isAssignableFrom(Class.forName(name, false, loader));
        } catch (ClassNotFoundException | LinkageError unknown) {
            return false;
        }
    }

    private static boolean isSure(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.equals("java.lang.Thread")
                ? frame.getMethodName().startsWith("sleep")
                : type.startsWith(LOCKS + "AbstractQueued")
                        && TAKING.contains(frame.getMethodName());
    }

    /** By its name, as libraries call what takes an interrupt and puts it back when it is done. */
    private static boolean isUninterruptible(List<StackTraceElement> library) {
        return library.stream().anyMatch(frame -> frame.getMethodName().contains("ninterruptibl"));
    }

    private static boolean isLibrarysOwn(StackTraceElement parks, @Nullable ClassLoader loader) {
        return isIn(OTHERS, parks) || declares(parks, loader);
    }

    private static boolean isIn(Map<String, Set<String>> methods, StackTraceElement frame) {
        return methods.getOrDefault(frame.getClassName(), Set.of()).contains(frame.getMethodName());
    }

    private static boolean declares(StackTraceElement frame) {
        return DECLARING.computeIfAbsent(
                frame.getClassName() + "." + frame.getMethodName(),
                _ -> declares(frame, ClassLoader.getPlatformClassLoader()));
    }

    private static boolean declares(StackTraceElement frame, @Nullable ClassLoader loader) {
        try {
            Class<?> type = Class.forName(frame.getClassName(), false, loader);
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals(frame.getMethodName())
                        && List.of(method.getExceptionTypes())
                                .contains(InterruptedException.class)) {
                    return true;
                }
            }
        } catch (ClassNotFoundException | LinkageError unknown) {
            // a class that cannot be asked: the thread is left alone
        }
        return false;
    }
}
