// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

/** The meters, with their names in both styles. */
enum MeterName {
    CONNECTIONS("netpoll.connections", "netpoll.connection.count"),
    ACCEPTED("netpoll.connections.accepted", "netpoll.connection.accepted"),
    CLOSED("netpoll.connections.closed", "netpoll.connection.closed"),
    ACCEPT_BACKOFFS("netpoll.accept.backoffs", "netpoll.accept.backoff"),
    WAITERS("netpoll.waiters", "netpoll.waiter.count"),
    OLDEST_WAITER("netpoll.waiters.oldest", "netpoll.waiter.oldest"),
    WAIT("netpoll.wait", "netpoll.wait.duration"),
    WAIT_BUCKETS("netpoll.wait.within", "netpoll.wait.duration.within"),
    DEADLINES_SET("netpoll.deadlines.set", "netpoll.deadline.set"),
    DEADLINES_MOVED("netpoll.deadlines.moved", "netpoll.deadline.moved"),
    DEADLINES_EXPIRED("netpoll.deadlines.expired", "netpoll.deadline.expired"),
    SYSCALL_ERRORS("netpoll.syscall.errors", "netpoll.syscall.error"),
    LOOP_BUSY("netpoll.loop.busy", "netpoll.loop.utilization"),
    LOOP_QUEUED("netpoll.loop.queued", "netpoll.loop.queue.size"),
    LOOP_STALLS("netpoll.loop.stalls", "netpoll.loop.stall"),
    LOOP_SILENT("netpoll.loop.silent", "netpoll.loop.silence"),
    LOOP_LAG("netpoll.loop.lag", "netpoll.loop.lag.duration"),
    LOOP_LAG_BUCKETS("netpoll.loop.lag.within", "netpoll.loop.lag.duration.within"),
    WAKE_UP("netpoll.loop.wakeup", "netpoll.loop.wakeup.duration"),
    WAKE_UP_BUCKETS("netpoll.loop.wakeup.within", "netpoll.loop.wakeup.duration.within"),
    CONTEXTS_ACTIVE("netpoll.contexts.active", "netpoll.context.active"),
    CONTEXTS_ENDED("netpoll.contexts.ended", "netpoll.context.ended"),
    HARD_DEADLINES("netpoll.contexts.hard.deadlines", "netpoll.context.hard_deadline"),
    HARD_CANCELS("netpoll.contexts.hard.cancels", "netpoll.context.hard_cancel"),
    OVERDUE("netpoll.tasks.overdue", "netpoll.task.overdue");

    private final String micrometer;
    private final String openTelemetry;

    MeterName(String micrometer, String openTelemetry) {
        this.micrometer = micrometer;
        this.openTelemetry = openTelemetry;
    }

    String in(MeterNaming naming) {
        return naming == MeterNaming.MICROMETER ? micrometer : openTelemetry;
    }
}
