// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Makes a violation of whatever the engine logs as an error: it never does while nothing is broken. */
final class LoudLog extends Handler implements AutoCloseable {

    private static final Logger LOGGER =
            Logger.getLogger("dev.netpoll.engine.internal.sched.LoopGroup");

    private final Scheduler scheduler;

    LoudLog(Scheduler scheduler) {
        this.scheduler = scheduler;
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(this);
    }

    @Override
    public void publish(LogRecord entry) {
        if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            Throwable thrown = entry.getThrown();
            String said = "The engine logs: " + entry.getMessage();
            if (thrown == null) {
                scheduler.violate(said);
            } else {
                scheduler.violate(said, thrown);
            }
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        LOGGER.removeHandler(this);
        LOGGER.setUseParentHandlers(true);
    }
}
