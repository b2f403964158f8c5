// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For the flight recorder: a request's context ended early. On whatever thread ended it. */
@Name("dev.netpoll.Cancelled")
@Label("Request Cancelled")
@Category("netpoll")
@Description("A request's context ended before the request was answered")
@StackTrace(false)
final class CancelledEvent extends Event {

    @Label("Request")
    @Description("Method and path; the query string only if the application asks for it")
    String request = "";

    @Label("Kind")
    String kind = "";

    @Label("Cause")
    String cause = "";

    @Label("Waiting For")
    @Description("What the request's thread waited for at that moment; empty when it ran")
    String waitingFor = "";

    /** Costs a test of a flag without a recording. */
    static void record(TomcatRequestContext context, CancelCause cause) {
        CancelledEvent event = new CancelledEvent();
        if (event.isEnabled()) {
            String what = context.waitsFor();
            event.request = context.label();
            event.waitingFor = what == null ? "" : what;
            event.kind = cause.origin().kind().tag();
            event.cause = cause.origin().message();
            event.commit();
        }
    }
}
