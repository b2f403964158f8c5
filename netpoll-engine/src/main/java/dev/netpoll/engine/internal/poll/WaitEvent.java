// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.poll;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;

/** A flight recorder event: a thread waited for a socket. Made and committed by that thread. */
@Name("dev.netpoll.Wait")
@Label("Socket Wait")
@Category("netpoll")
@Description("A thread waited for a socket to become ready")
@Threshold("10 ms")
final class WaitEvent extends Event {

    @Label("File Descriptor")
    int fd;

    @Label("Mode")
    String mode = "";

    @Label("Result")
    String result = "";
}
