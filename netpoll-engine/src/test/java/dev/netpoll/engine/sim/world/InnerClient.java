// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.SimulatedEngine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A client that connects through the engine itself, as a call to the next service does. */
final class InnerClient implements Runnable {

    private final Service service;
    private final World world;
    private final Exchange exchange;
    private final Dice dice;

    InnerClient(World world, Service service, int number) {
        this.world = world;
        this.service = service;
        this.dice = service.dice;
        this.exchange = new Exchange(service.scheduler, number);
    }

    @Override
    public void run() {
        try {
            Duration patience =
                    Duration.ofNanos(
                            service.isCalm() ? 50_000_000_000L : dice.between(1, 20_000_000));
            NetpollConnection connection =
                    service.engine.connect(SimKernel.address(Service.PORT), patience);
            world.watch(SimulatedEngine.desc(connection));
            try {
                exchange(connection);
            } finally {
                connection.close();
            }
        } catch (IOException e) {
            if (service.isCalm()) {
                service.scheduler.violate("A call failed, and nothing was in the way", e);
            }
        } catch (RuntimeException | Error e) {
            service.scheduler.violate("A call failed oddly", e);
        }
    }

    private void exchange(NetpollConnection connection) throws IOException {
        Runnable sending =
                () -> {
                    try {
                        connection.write(ByteBuffer.wrap(exchange.toSend()));
                    } catch (IOException e) {
                        connection.shutdownBoth();
                    }
                };
        if (!service.isCalm()) {
            connection.setDeadline(service.scheduler.now() + dice.between(1, 80_000_000));
        }
        // One that writes first and reads then may wait for a server that waits for it, until a
        // deadline.
        if (service.isCalm() || dice.oneIn(2)) {
            connection.fork("sending", sending);
        } else {
            sending.run();
        }
        ByteBuffer buffer = ByteBuffer.allocate(1 + dice.below(200));
        while (!exchange.isComplete()) {
            int n = connection.read(buffer.clear());
            if (n < 0) {
                throw new IOException("ended early");
            }
            exchange.received(buffer.array(), n);
        }
    }
}
