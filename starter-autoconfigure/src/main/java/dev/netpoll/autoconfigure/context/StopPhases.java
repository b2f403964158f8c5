// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** The order in which a stop ends contexts; higher phases come first. */
final class StopPhases {

    /** After Boot's graceful shutdown has waited for requests, before the server is stopped. */
    static final int REQUESTS = WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 512;

    /** Right before requests, and before executors and schedulers wait for what they run. */
    static final int BACKGROUND = REQUESTS + 1;

    private StopPhases() {}
}
