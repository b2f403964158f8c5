// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.peer.engine;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * One loop and a virtual thread per connection that answers {@code /hello} and {@code /json} from
 * two constants, as the C loop beside it does: it looks for the blank line that ends a request and
 * at one letter of its path. Takes the port as its only argument.
 */
final class CannedServer {

    private CannedServer() {}

    public static void main(String[] args) throws IOException {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        try (NetpollEngine engine = NetpollEngine.start(EngineConfig.defaults().withLoops(1));
                NetpollListener listener = engine.listen(address, ListenOptions.defaults())) {
            System.out.println("the loops carry the threads: " + engine.carriesThreads());
            while (true) {
                NetpollConnection connection = listener.accept();
                connection.fork(new CannedExchange(connection));
            }
        }
    }
}
