// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import dev.netpoll.engine.internal.poll.ManualTicker;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.io.CarrierMode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * What {@link JdkPollersTest} runs in a JVM of its own: the first thread that waits for a socket of the JDK's is
 * carried by a loop; then the only loop is held by a slice that does not end, and a thread of the JDK's scheduler
 * makes a round trip over such sockets. The clock stands still, so that the monitor hands the loop to no other.
 */
final class FirstOnAJdkSocket {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ServerSocket server;

    private FirstOnAJdkSocket(ServerSocket server) {
        this.server = server;
    }

    public static void main(String[] args) throws Exception {
        var kernel = new LinuxKernel(new CarrierScratch());
        var group = new LoopGroup(kernel, new ManualTicker(1_000), "first", 1, CarrierMode.LOOP);
        EventLoop loop = group.loops().getFirst();
        try (var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            var sockets = new FirstOnAJdkSocket(server);
            Thread echo = Thread.ofPlatform().daemon().start(sockets::echoForEver);
            Thread first = loop.start("first", sockets::roundTrip);
            System.out.println("carried: " + (first.join(PATIENCE) ? "came back" : "waits"));

            var held = new CountDownLatch(1);
            loop.execute(
                    () -> {
                        held.countDown();
                        await(new CountDownLatch(1));
                    });
            await(held);
            Thread second = Thread.ofVirtual().start(sockets::roundTrip);
            System.out.println(
                    "beside a loop that computes: "
                            + (second.join(PATIENCE) ? "came back" : "waits"));
            System.out.println("echo: " + (echo.isAlive() ? "alive" : "dead"));
        }
        System.exit(0);
    }

    private void roundTrip() {
        try (var socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
            for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write(i);
                if (socket.getInputStream().read() != i) {
                    throw new IllegalStateException("another byte came back");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void echoForEver() {
        while (true) {
            try (Socket socket = server.accept()) {
                int b;
                while ((b = socket.getInputStream().read()) >= 0) {
                    socket.getOutputStream().write(b);
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
