// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What the thread that serves a request waits for: the peer of an outbound socket on the engine, or by its
 * stack a sleep, a pool's connection, a future, a queue, a lock. For observers: threads tell nothing while they run, and
 * are asked only when somebody looks.
 *
 * @param what what is waited for, as the endpoint shows it
 * @param since since when, by the engine's ticker; 0 where only the engine could tell, and it is not the engine's
 */
record HandlerWait(String what, long since) {

    /** The deepest frames that count: below them is the handler itself. */
    private static final int FRAMES = 24;

    /** Finds what threads wait for, at one moment. */
    static final class Finder {

        private final Map<Thread, HandlerWait> onSockets = new HashMap<>();

        Finder(@Nullable NetpollEngine engine) {
            if (engine != null) {
                engine.outbound().forEach(this::add);
            }
        }

        private void add(NetpollConnection connection, InetSocketAddress remote) {
            NetpollConnection.Waiting waiting = connection.waiting();
            Thread waiter = connection.waiter();
            if (waiter != null && waiting != null) {
                String peer = remote.getHostString() + ":" + remote.getPort();
                onSockets.put(waiter, new HandlerWait(peer, waiting.since()));
            }
        }

        /** Null for a thread that runs, or whose wait has no name here. */
        @Nullable HandlerWait of(Thread thread) {
            HandlerWait onSocket = onSockets.get(thread);
            if (onSocket != null) {
                return onSocket;
            }
            String what = isParked(thread) ? byStack(thread.getStackTrace()) : null;
            return what == null ? null : new HandlerWait(what, 0);
        }

        /** The same of the thread that serves {@code wrapper}'s request; it may be waiting for its client. */
        @Nullable HandlerWait of(NetpollSocketWrapper wrapper) {
            NetpollConnection.Waiting onClient = wrapper.getSocket().waiting();
            if (onClient != null) {
                String kind = onClient.kind().name().toLowerCase(Locale.ROOT);
                return new HandlerWait(kind, onClient.since());
            }
            Thread thread = wrapper.processing().serving();
            return thread == null ? null : of(thread);
        }

        private static boolean isParked(Thread thread) {
            return switch (thread.getState()) {
                case WAITING, TIMED_WAITING, BLOCKED -> true;
                default -> false;
            };
        }
    }

    private static @Nullable String byStack(StackTraceElement[] stack) {
        String found = null;
        for (int i = 0; i < Math.min(stack.length, FRAMES); i++) {
            String name = nameOf(stack[i]);
            if (name != null) {
                found = name; // what is further out says more: a pool waits in a queue
            } else if (found != null && !isOfTheJdk(stack[i])) {
                return found;
            }
        }
        return found;
    }

    private static boolean isOfTheJdk(StackTraceElement frame) {
        return "java.base".equals(frame.getModuleName())
                || frame.getClassName().startsWith("com.zaxxer.hikari.");
    }

    private static @Nullable String nameOf(StackTraceElement frame) {
        String type = frame.getClassName();
        String method = frame.getMethodName();
        return switch (type) {
            case "java.lang.Thread" -> method.startsWith("sleep") ? "sleep" : null;
            case "java.lang.Object" -> method.startsWith("wait") ? "monitor" : null;
            case "com.zaxxer.hikari.pool.HikariPool" ->
                    method.equals("getConnection") ? "connection pool" : null;
            case "java.util.concurrent.CompletableFuture", "java.util.concurrent.FutureTask" ->
                    method.equals("get") || method.equals("join") ? "future" : null;
            case "java.util.concurrent.locks.ReentrantLock", "java.util.concurrent.Semaphore" ->
                    "lock";
            case "java.util.concurrent.CountDownLatch" -> "latch";
            default ->
                    type.startsWith("java.util.concurrent.") && type.endsWith("Queue")
                            ? "queue"
                            : null;
        };
    }
}
