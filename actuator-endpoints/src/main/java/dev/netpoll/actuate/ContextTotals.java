// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.actuate.NetpollDescriptor.ContextsDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.OverdueDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.OverdueTaskDescriptor;
import dev.netpoll.actuate.NetpollDescriptor.TasksDescriptor;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.task.OverdueTask;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.web.RequestContexts;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Describes contexts and overdue work for the endpoint. */
final class ContextTotals {

    private static final int MOST_TASKS = 20;
    private static final int MOST_FRAMES = 30;

    private ContextTotals() {}

    static @Nullable ContextsDescriptor contexts(@Nullable RequestContexts contexts) {
        return contexts == null
                ? null
                : new ContextsDescriptor(
                        contexts.active(),
                        ended(contexts),
                        contexts.hardDeadlines(),
                        contexts.hardCancels());
    }

    /** What ended requests → how many. A parent's end is never the origin, so it has no number. */
    static Map<String, Long> ended(RequestContexts contexts) {
        Map<String, Long> ended = new LinkedHashMap<>();
        contexts.ended()
                .forEach(
                        (kind, count) -> {
                            if (kind != CancelCause.Kind.PARENT_CANCELLED) {
                                ended.put(kind.tag(), count);
                            }
                        });
        return ended;
    }

    static long expired(@Nullable RequestContexts contexts) {
        return contexts == null
                ? 0
                : contexts.ended().getOrDefault(CancelCause.Kind.DEADLINE_EXCEEDED, 0L);
    }

    static @Nullable TasksDescriptor tasks(@Nullable OverdueWatch watch) {
        if (watch == null) {
            return null;
        }
        List<OverdueTask> overdue = watch.count() == 0 ? List.of() : watch.snapshot();
        return new TasksDescriptor(
                new OverdueDescriptor(
                        overdue.size(),
                        overdue.stream().limit(MOST_TASKS).map(ContextTotals::describe).toList()));
    }

    private static OverdueTaskDescriptor describe(OverdueTask task) {
        return new OverdueTaskDescriptor(
                task.label(),
                task.threadName(),
                Millis.of(task.age()),
                task.cause().origin().message(),
                task.stack().stream().limit(MOST_FRAMES).map(StackTraceElement::toString).toList());
    }
}
