// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** The tasks that a TLS engine delegates, such as a signature: they run on the thread that met them. */
final class TlsTasks {

    private TlsTasks() {}

    static void runIf(HandshakeStatus status, SSLEngine engine) {
        if (status == HandshakeStatus.NEED_TASK) {
            run(engine);
        }
    }

    static void run(SSLEngine engine) {
        for (Runnable task = engine.getDelegatedTask();
                task != null;
                task = engine.getDelegatedTask()) {
            task.run();
        }
    }
}
