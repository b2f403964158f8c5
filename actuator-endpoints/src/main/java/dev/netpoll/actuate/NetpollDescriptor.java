// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The response of {@code /actuator/netpoll}. The component names are the JSON's keys: a published schema,
 * to which keys may be added and from which none goes. A component that is null is left out. All times
 * are milliseconds.
 *
 * @param engine "epoll" when the application's connector runs on the engine, else "nio"
 * @param carriers what runs the handlers' virtual threads: "loop" or "jdk"
 * @param reason why engine or carriers are not the better one; null when both are
 * @param connectors each listening connector, the management server's among them
 * @param loops each loop of the engine; empty on NIO
 * @param connections those of the engine's connectors; null on NIO
 * @param waiters threads and dispatches that wait for sockets; null on NIO
 * @param deadlines connections' and requests' deadlines; null on NIO
 * @param errno system call → errno → what is known of its failures; null on NIO
 * @param contexts requests' contexts; null where requests have none
 * @param tasks work the contexts know of; null where there are no contexts
 * @param admission limits of requests and connections
 * @param observation how requests are observed: "fast", or "boot" and why; null where they are not observed
 */
public record NetpollDescriptor(
        String engine,
        String carriers,
        @Nullable String reason,
        List<ConnectorDescriptor> connectors,
        List<LoopDescriptor> loops,
        @Nullable ConnectionsDescriptor connections,
        @Nullable WaitersDescriptor waiters,
        @Nullable DeadlinesDescriptor deadlines,
        @Nullable Map<String, Map<String, ErrnoDescriptor>> errno,
        @Nullable ContextsDescriptor contexts,
        @Nullable TasksDescriptor tasks,
        AdmissionDescriptor admission,
        @Nullable String observation)
        implements OperationResponseBody {

    /**
     * A listening connector.
     *
     * @param port where it listens
     * @param engine "epoll" or "nio"
     * @param reason why it is not on the engine; null when it is
     */
    public record ConnectorDescriptor(int port, String engine, @Nullable String reason) {}

    /**
     * A loop, since it started.
     *
     * @param id its number
     * @param connections open now
     * @param polls calls of epoll_pwait2
     * @param events what they returned
     * @param eventsPerPoll the ratio of the two
     * @param wakeUps how often it was woken from its sleep by another thread
     * @param queued virtual threads that are ready and wait for its carrier now
     * @param slices how often it ran one
     * @param stolen those among them it took from another loop
     * @param timers armed now
     * @param stalls how often a stuck carrier lost it
     * @param longestStallMillis the longest time one was seen stuck
     * @param busy what share of its time it did not sleep
     * @param silentMillis how long ago it last came round to its sockets; 0 while it sleeps
     * @param lagP99Millis how late it came to its timers: 99 of 100 times no later than this
     * @param wakeUpP99Millis how long it took to wake: 99 of 100 times no longer than this
     */
    public record LoopDescriptor(
            int id,
            int connections,
            long polls,
            long events,
            double eventsPerPoll,
            long wakeUps,
            int queued,
            long slices,
            long stolen,
            int timers,
            long stalls,
            double longestStallMillis,
            double busy,
            double silentMillis,
            double lagP99Millis,
            double wakeUpP99Millis) {}

    /**
     * Connections.
     *
     * @param open accepted and not closed
     * @param active with a request: being received, served, or answered asynchronously
     * @param idle the others
     * @param accepted since the start
     * @param closed since the start, by what ended them: peer, server, proxy, deadline, shutdown, operator
     * @param acceptBackoffs how often accepting waited for descriptors or memory
     * @param acceptBackingOff whether it does now
     */
    public record ConnectionsDescriptor(
            int open,
            int active,
            int idle,
            long accepted,
            Map<String, Long> closed,
            long acceptBackoffs,
            boolean acceptBackingOff) {}

    /**
     * Who waits.
     *
     * @param read threads parked until something can be read
     * @param write threads, and asynchronous writes, that wait for room
     * @param idle connections that wait without a thread
     * @param oldestReadMillis how long the oldest of the first has waited; 0 for none
     * @param oldestWriteMillis the same of the second
     * @param oldestIdleMillis the same of the third
     */
    public record WaitersDescriptor(
            int read,
            int write,
            int idle,
            double oldestReadMillis,
            double oldestWriteMillis,
            double oldestIdleMillis) {}

    /**
     * Deadlines.
     *
     * @param read set now, on reading, keep-alive among them
     * @param write set now, on writing
     * @param set how often one was set since the start
     * @param moved how often one was moved before it passed
     * @param expired how many have passed, by kind: proxy, handshake, header, read, write, keep-alive, request
     */
    public record DeadlinesDescriptor(
            int read, int write, long set, long moved, Map<String, Long> expired) {}

    /**
     * Failures of one system call with one errno.
     *
     * @param count since the engine started
     * @param last when it failed so last
     */
    public record ErrnoDescriptor(long count, Instant last) {}

    /**
     * Requests' contexts.
     *
     * @param active requests under way
     * @param ended those that have ended, by what ended them, "completed" among the causes
     * @param hardDeadlines how many the connector answered for a handler that went on after its deadline
     * @param hardCancels the same, after a cancel by a shutdown, an operator or the application
     */
    public record ContextsDescriptor(
            long active, Map<String, Long> ended, long hardDeadlines, long hardCancels) {}

    /**
     * Work.
     *
     * @param overdue what goes on although its context has ended
     */
    public record TasksDescriptor(OverdueDescriptor overdue) {}

    /**
     * Work that goes on after its context has ended.
     *
     * @param count how many pieces
     * @param oldest the oldest of them, at most twenty
     */
    public record OverdueDescriptor(int count, List<OverdueTaskDescriptor> oldest) {}

    /**
     * A piece of overdue work.
     *
     * @param label what it is: a request's method and path, a task's name
     * @param thread its thread's name
     * @param ageMillis how long ago its context ended
     * @param cause what ended it
     * @param stack where the thread is, innermost first, at most thirty frames
     */
    public record OverdueTaskDescriptor(
            String label, String thread, double ageMillis, String cause, List<String> stack) {}

    /**
     * Who is let in.
     *
     * @param maxConnections how many connections each connector takes at once
     * @param limits what else limits requests, as it describes itself; null for nothing
     */
    public record AdmissionDescriptor(
            List<MaxConnectionsDescriptor> maxConnections, @Nullable AdmissionReport limits) {}

    /**
     * A connector's limit.
     *
     * @param port where it listens
     * @param max how many connections it takes at once; -1 for any number
     * @param now how many it counts
     */
    public record MaxConnectionsDescriptor(int port, int max, long now) {}
}
