// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Looks every five seconds, on Tomcat's utility thread, for memory that is held and not needed. Any thread. */
final class RegularLook {

    private static final Log LOG = LogFactory.getLog(RegularLook.class);

    private static final long SECONDS = 5;

    private final Runnable look;

    /** Guarded by this. */
    private @Nullable ScheduledFuture<?> schedule;

    RegularLook(Runnable look) {
        this.look = look;
    }

    synchronized void start(ScheduledExecutorService executor) {
        schedule = executor.scheduleWithFixedDelay(this::look, SECONDS, SECONDS, TimeUnit.SECONDS);
    }

    synchronized void stop() {
        if (schedule != null) {
            schedule.cancel(false);
            schedule = null;
        }
    }

    /** One that throws would be the last: an executor does not repeat it. */
    private void look() {
        try {
            look.run();
        } catch (RuntimeException e) {
            LOG.error("Looking for memory that is not needed failed", e);
        }
    }
}
