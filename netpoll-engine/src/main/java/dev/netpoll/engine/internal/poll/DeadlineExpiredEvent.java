// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A flight recorder event: an I/O deadline passed. Committed by the thread that noticed, mostly the
 * loop's.
 */
@Name("dev.netpoll.DeadlineExpired")
@Label("Deadline Expired")
@Category("netpoll")
@Description("The deadline of reading from or writing to a socket passed")
@StackTrace(false)
final class DeadlineExpiredEvent extends Event {

    @Label("File Descriptor")
    int fd;

    @Label("Mode")
    String mode = "";

    @Label("Late")
    @Description("How long after its time the deadline was noticed to have passed")
    @Timespan(Timespan.NANOSECONDS)
    long late;
}
