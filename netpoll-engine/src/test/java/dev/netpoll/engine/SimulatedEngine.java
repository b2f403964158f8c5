// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.internal.sys.Kernel;

import java.io.IOException;

/** What the simulation needs of this package. */
public final class SimulatedEngine {

    private SimulatedEngine() {}

    /** An engine on another kernel; its clock is woven in. */
    public static NetpollEngine start(EngineConfig config, Kernel kernel) throws IOException {
        return NetpollEngine.start(config, kernel, IpStack.DUAL);
    }

    public static LoopGroup group(NetpollEngine engine) {
        return engine.group();
    }

    public static PollDesc desc(NetpollListener listener) {
        return listener.desc();
    }

    public static PollDesc desc(NetpollConnection connection) {
        return connection.polled().desc();
    }
}
