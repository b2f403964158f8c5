// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample.orders;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.test.ManualRuntime;

import org.jspecify.annotations.Nullable;
import org.springframework.test.web.servlet.MockMvc;

import java.util.concurrent.Future;

/** What the documents' pieces of code take for granted. They are compiled, and not run. */
final class Given {

    interface Reports {
        Future<String> begin();
    }

    static final Reports reports = () -> new java.util.concurrent.CompletableFuture<>();
    static final ManualRuntime time = new ManualRuntime();
    static @Nullable MockMvc mvc;
    static @Nullable NetpollConnection connection;
    static @Nullable NetpollEngine engine;

    private Given() {}
}
