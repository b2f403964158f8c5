// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import org.jspecify.annotations.Nullable;

/**
 * The run that a task is in, for code that asks for its interrupt and nothing less. Entered and left by the
 * thread that runs it; {@link #interruptNow} is any thread's. An interrupt that comes before the run is
 * made when that begins: the one sets {@code wanted} and then looks for the run, the other comes in and
 * then looks for {@code wanted}.
 */
final class CurrentRun {

    private volatile boolean wanted;
    private volatile @Nullable TaskRun run;

    void entered(TaskRun begun) {
        run = begun;
        if (wanted) {
            begun.interruptNow();
        }
    }

    void left() {
        run = null;
    }

    void interruptNow() {
        wanted = true;
        TaskRun begun = run;
        if (begun != null) {
            begun.interruptNow();
        }
    }
}
