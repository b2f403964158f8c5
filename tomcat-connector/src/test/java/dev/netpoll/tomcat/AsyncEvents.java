// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Records the events of an async request, in order; one of them may have an action. */
final class AsyncEvents implements AsyncListener {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Throwable error;
    private String actsOn = "";
    private Action action = event -> {};

    AsyncEvents on(String event, Action newAction) {
        actsOn = event;
        action = newAction;
        return this;
    }

    private void happened(String name, AsyncEvent event) throws IOException {
        seen.add(name);
        if (name.equals(actsOn)) {
            action.on(event);
        }
    }

    @Override
    public void onComplete(AsyncEvent event) throws IOException {
        happened("complete", event);
    }

    @Override
    public void onTimeout(AsyncEvent event) throws IOException {
        happened("timeout", event);
    }

    @Override
    public void onError(AsyncEvent event) throws IOException {
        error = event.getThrowable();
        happened("error", event);
    }

    @Override
    public void onStartAsync(AsyncEvent event) throws IOException {
        happened("start", event);
    }

    /** What the last error's event told. */
    @Nullable Throwable error() {
        return error;
    }

    /** What happened so far, in order. */
    List<String> seen() {
        return List.copyOf(seen);
    }

    @FunctionalInterface
    interface Action {
        void on(AsyncEvent event) throws IOException;
    }
}
