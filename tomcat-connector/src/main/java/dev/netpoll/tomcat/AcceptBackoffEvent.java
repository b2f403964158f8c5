// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For the flight recorder: accepting waited. Made and committed by the acceptor's thread. */
@Name("dev.netpoll.AcceptBackoff")
@Label("Accept Back-off")
@Category("netpoll")
@Description("Accepting connections waited for descriptors or memory to come back")
@StackTrace(false)
final class AcceptBackoffEvent extends Event {

    @Label("Errno")
    String errno = "";
}
