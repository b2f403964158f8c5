// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.benchmarks.engine;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.io.CarrierMode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;

/** An engine, and both ends of a TCP connection over loopback under it. */
final class LoopbackPair implements AutoCloseable {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final NetpollEngine engine;
    private final NetpollConnection client;
    private final NetpollConnection server;

    private LoopbackPair(NetpollEngine engine, NetpollConnection client, NetpollConnection server) {
        this.engine = engine;
        this.client = client;
        this.server = server;
    }

    static LoopbackPair open(int loops, CarrierMode carriers) throws IOException {
        var engine = NetpollEngine.start(new EngineConfig("benchmark", loops, carriers));
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (NetpollListener listener = engine.listen(anyPort, ListenOptions.defaults())) {
            SocketAddress address = Objects.requireNonNull(listener.localAddress());
            NetpollConnection client = engine.connect(address, CONNECT_TIMEOUT);
            return new LoopbackPair(engine, client, listener.accept());
        } catch (IOException e) {
            engine.close();
            throw e;
        }
    }

    NetpollEngine engine() {
        return engine;
    }

    NetpollConnection client() {
        return client;
    }

    NetpollConnection server() {
        return server;
    }

    @Override
    public void close() {
        client.close();
        server.close();
        engine.close();
    }
}
