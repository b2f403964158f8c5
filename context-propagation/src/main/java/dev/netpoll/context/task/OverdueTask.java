// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import dev.netpoll.context.CancelCause;

import java.time.Duration;
import java.util.List;

/**
 * Work that runs on although its context has ended some time ago.
 *
 * @param label what it is, as it was registered
 * @param threadName the name of the thread it runs on
 * @param threadId that thread's number
 * @param age how long ago its context ended
 * @param cause what ended it
 * @param stack where the thread is now, innermost frame first
 */
public record OverdueTask(
        String label,
        String threadName,
        long threadId,
        Duration age,
        CancelCause cause,
        List<StackTraceElement> stack) {

    public OverdueTask {
        stack = List.copyOf(stack);
    }
}
