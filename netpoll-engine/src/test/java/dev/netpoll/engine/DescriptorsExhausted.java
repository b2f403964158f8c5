// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.io.KernelException;
import dev.netpoll.engine.stats.SyscallErrorCount;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** What {@link DescriptorsExhaustedTest} runs: uses up every descriptor, and gives some back. */
final class DescriptorsExhausted {

    private DescriptorsExhausted() {}

    public static void main(String[] args) throws IOException {
        try (var engine = NetpollEngine.start(EngineConfig.defaults());
                var listener =
                        engine.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ListenOptions.defaults())) {
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            Socket first = connect(port);
            NetpollConnection established = listener.accept();
            exchange(first, established);
            describe(engine, new KernelException("none", -1, -1)); // loads what this class needs

            Deque<RandomAccessFile> files = exhaust();
            files.pop().close();
            Socket waiting = connect(port); // takes the last one
            System.out.println(refusal(engine, listener));

            for (int i = 0; i < 5; i++) {
                files.pop().close();
            }
            NetpollConnection accepted = listener.accept();
            System.out.println("recovered: " + exchange(waiting, accepted));
            System.out.println("echoed on: " + exchange(first, established).replace('x', 'y'));
        }
        System.exit(0);
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static Deque<RandomAccessFile> exhaust() {
        Deque<RandomAccessFile> files = new ArrayDeque<>();
        while (true) {
            try {
                files.push(new RandomAccessFile("/dev/null", "r"));
            } catch (IOException e) {
                return files;
            }
        }
    }

    private static String refusal(NetpollEngine engine, NetpollListener listener)
            throws IOException {
        try {
            listener.accept();
            return "accepted";
        } catch (KernelException e) {
            return describe(engine, e);
        }
    }

    private static String describe(NetpollEngine engine, KernelException e) {
        boolean counted = false;
        for (SyscallErrorCount row : engine.errors()) {
            counted |= row.syscall().equals("accept4") && row.errno().equals("EMFILE");
        }
        return e.syscall() + ": " + e.errno() + " counted " + counted;
    }

    private static String exchange(Socket client, NetpollConnection server) throws IOException {
        client.getOutputStream().write('x');
        ByteBuffer one = ByteBuffer.allocate(1);
        server.read(one);
        return String.valueOf((char) one.get(0));
    }
}
