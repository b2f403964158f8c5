// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A flight recorder event: a loop was taken from a carrier that was stuck. On the monitor's thread.
 */
@Name("dev.netpoll.LoopStall")
@Label("Loop Stall")
@Category("netpoll")
@Description("A slice ran for so long that its carrier lost the loop")
@StackTrace(false)
final class LoopStallEvent extends Event {

    private static final int MOST_FRAMES = 64;

    @Label("Loop")
    int loop;

    @Label("Thread")
    String thread = "";

    @Label("So Far")
    @Description("How long the slice had run when the loop was taken from it")
    @Timespan(Timespan.NANOSECONDS)
    long soFar;

    @Label("Stack")
    @Description("Where the stuck thread was, innermost frame first")
    String stack = "";

    /** Costs a test of a flag while no recording runs. */
    static void record(int loop, Thread stuck, long nanos) {
        LoopStallEvent event = new LoopStallEvent();
        if (event.isEnabled()) {
            event.loop = loop;
            event.thread = stuck.toString();
            event.soFar = nanos;
            event.stack =
                    Arrays.stream(stuck.getStackTrace())
                            .limit(MOST_FRAMES)
                            .map(StackTraceElement::toString)
                            .collect(Collectors.joining("\n"));
            event.commit();
        }
    }
}
