// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The names of the beans of Spring's request scope that are the request's context and its deadline. The scope
 * keeps both as attributes of the request, from the first time that they are asked for.
 */
public final class RequestBeans {

    /** The {@link dev.netpoll.context.CancelContext}. */
    public static final String CONTEXT = "netpollCancelContext";

    /** The {@link dev.netpoll.context.Deadline}. */
    public static final String DEADLINE = "netpollDeadline";

    private RequestBeans() {}

    /** The request has a new context: what asked before the handler was known has the former one. */
    static void forget(HttpServletRequest request) {
        request.removeAttribute(CONTEXT);
        request.removeAttribute(DEADLINE);
    }
}
