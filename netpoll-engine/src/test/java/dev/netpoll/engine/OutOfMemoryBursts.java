// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import dev.netpoll.engine.internal.sched.EventLoop;
import dev.netpoll.engine.internal.sched.LoopGroup;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.Dispatch;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What {@link OutOfMemoryTest} runs in a small heap: echo connections, half of them with a thread parked on
 * the socket and half with an armed dispatch, sleeping threads, and several bursts in which threads on
 * every loop use up the heap. Prints what no longer works afterwards.
 */
final class OutOfMemoryBursts {

    private static final int LOOPS = 2;
    private static final int BURSTS = 3;
    private static final int CLIENTS = 16;
    private static final int HOGS_PER_LOOP = 1;
    private static final int ERRORS_PER_HOG = 4;
    private static final int PATIENCE_SECONDS = 20;

    private static final Field STATE = field("java.lang.VirtualThread", "state");

    private static final Field FAILURE = field(LoopGroup.class.getName(), "failure");

    private final NetpollEngine engine;
    private final NetpollListener listener;
    private final int port;
    private final List<String> loops = new ArrayList<>();
    private final List<String> waiters = new ArrayList<>();
    private final AtomicInteger errors = new AtomicInteger();
    private final List<Thread> lastSleepers = new ArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();

    /** Keeps what was allocated alive until the others have run into it. */
    @SuppressWarnings("unused")
    private volatile Object kept;

    private OutOfMemoryBursts(NetpollEngine engine, NetpollListener listener) {
        this.engine = engine;
        this.listener = listener;
        this.port = ((InetSocketAddress) listener.localAddress()).getPort();
    }

    public static void main(String[] args) throws Exception {
        var config = new EngineConfig("bursts", LOOPS, CarrierMode.LOOP);
        try (var engine = NetpollEngine.start(config);
                var listener =
                        engine.listen(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ListenOptions.defaults())) {
            new OutOfMemoryBursts(engine, listener).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        Thread.ofPlatform().daemon().start(this::acceptForEver);
        look("before", connect(), sleepers()); // loads what this class needs
        describeSleepers(); // and what that needs: a class whose start fails once fails for ever
        describeADeath();
        for (int i = 0; i < BURSTS; i++) {
            List<Socket> clients = connect();
            CountDownLatch slept = sleepers();
            burst(clients);
            look("burst " + i, clients, slept);
        }
        System.out.println("errors: " + (errors.get() >= BURSTS ? "enough" : errors.get()));
        System.out.println("waiters: " + waiters);
        System.out.println("loops: " + loops);
    }

    // ---- the server -----------------------------------------------------------------------------

    private void acceptForEver() {
        while (true) {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                return;
            } catch (OutOfMemoryError e) {
                errors.incrementAndGet();
            }
        }
    }

    private void serve(NetpollConnection connection) {
        try {
            if (accepted.getAndIncrement() % 2 == 0) {
                connection.fork(() -> echoParked(connection));
            } else {
                new EchoDispatch(connection).arm();
            }
        } catch (OutOfMemoryError e) {
            errors.incrementAndGet();
            connection.close();
        }
    }

    private void echoParked(NetpollConnection connection) {
        try (connection) {
            ByteBuffer one = ByteBuffer.allocate(1);
            while (connection.read(one.clear()) > 0) {
                connection.write(one.flip());
            }
        } catch (IOException e) {
            // the client has gone
        } catch (OutOfMemoryError e) {
            errors.incrementAndGet();
        }
    }

    private final class EchoDispatch implements Dispatch {

        private final NetpollConnection connection;
        private final ByteBuffer one = ByteBuffer.allocate(1);

        EchoDispatch(NetpollConnection connection) {
            this.connection = connection;
        }

        void arm() {
            connection.whenReadable(this);
        }

        @Override
        public void run() {
            try {
                int n;
                while ((n = connection.tryRead(one.clear())) > 0) {
                    connection.write(one.flip());
                }
                if (n < 0) {
                    connection.close();
                } else {
                    arm();
                }
            } catch (IOException e) {
                connection.close();
            } catch (OutOfMemoryError e) {
                errors.incrementAndGet();
                connection.close();
            }
        }
    }

    // ---- a burst --------------------------------------------------------------------------------

    private void burst(List<Socket> clients) {
        var done = new CountDownLatch(LOOPS * HOGS_PER_LOOP);
        for (EventLoop loop : engine.group().loops()) {
            for (int i = 0; i < HOGS_PER_LOOP; i++) {
                try {
                    loop.start("hog", () -> hog(done));
                } catch (OutOfMemoryError e) { // the one before has left nothing for its start
                    errors.incrementAndGet();
                    done.countDown();
                }
            }
        }
        while (done.getCount() > 0) {
            poke(clients);
        }
    }

    /** A client's byte is echoed, or its connection ends; looked at when the burst is over. */
    private void poke(List<Socket> clients) {
        for (int i = 0; i < clients.size(); i++) {
            try {
                Socket client = clients.get(i);
                if (client.getInputStream().available() > 0) {
                    client.getInputStream().read();
                    client.getOutputStream().write('p');
                }
            } catch (IOException | VirtualMachineError | LinkageError e) {
                errors.incrementAndGet();
            }
        }
    }

    private void hog(CountDownLatch done) {
        try {
            for (int i = 0; i < ERRORS_PER_HOG; i++) {
                useUpTheHeap(256 << i);
                Thread.yield();
            }
        } finally {
            done.countDown();
        }
    }

    private void useUpTheHeap(int piece) {
        Object[] chain = null;
        try {
            while (true) {
                chain = new Object[] {chain, new byte[piece]};
                if ((chain.hashCode() & 0xfff) == 0) {
                    Thread.yield(); // others run into it, too
                }
            }
        } catch (OutOfMemoryError e) {
            yieldWhileFull(chain);
        }
    }

    private void yieldWhileFull(Object chain) {
        errors.incrementAndGet();
        for (int i = 0; i < 5; i++) {
            try {
                Thread.yield();
            } catch (OutOfMemoryError e) {
                errors.incrementAndGet();
            }
        }
        kept = chain;
        kept = null;
    }

    // ---- afterwards -----------------------------------------------------------------------------

    /** Their states of the JDK's: the stack of a thread that is lost in a transition never comes. */
    private void describeSleepers() throws ReflectiveOperationException {
        for (Thread sleeper : lastSleepers) {
            System.out.println(sleeper + " in state " + STATE.get(sleeper));
        }
        System.out.println("the last failure: " + FAILURE.get(engine.group()));
        engine.snapshot().loops().forEach(System.out::println);
    }

    private static Field field(String type, String name) {
        try {
            Field field = Class.forName(type).getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Loads what the JVM prints by when a thread dies, with a frame of the JDK's, or the reason is not known. */
    private static void describeADeath() {
        try {
            Integer.parseInt("none");
        } catch (NumberFormatException e) {
            e.printStackTrace(new PrintStream(OutputStream.nullOutputStream()));
        }
    }

    private void newConnections(String when) throws IOException {
        for (Socket client : connect()) {
            try (client) {
                if (client.getInputStream().read() != 'c') {
                    loops.add(when + ": a new connection was not served");
                }
            } catch (SocketTimeoutException e) {
                loops.add(when + ": a new connection waits for ever");
            }
        }
    }

    private boolean becomesWell() throws InterruptedException {
        for (int i = 0; i < PATIENCE_SECONDS * 1_000 && !engine.snapshot().alive(); i++) {
            Thread.sleep(1);
        }
        return engine.snapshot().alive();
    }

    private List<Socket> connect() throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            var client = new Socket(InetAddress.getLoopbackAddress(), port);
            client.setSoTimeout(PATIENCE_SECONDS * 1_000);
            client.getOutputStream().write('c');
            clients.add(client);
        }
        return clients;
    }

    private CountDownLatch sleepers() {
        var slept = new CountDownLatch(LOOPS);
        lastSleepers.clear();
        for (EventLoop loop : engine.group().loops()) {
            lastSleepers.add(loop.start("sleeper", () -> sleep(slept)));
        }
        return slept;
    }

    /** As often as a burst takes; what it dies of itself is its own. */
    private void sleep(CountDownLatch slept) {
        try {
            for (int i = 0; i < 200; i++) {
                Thread.sleep(1);
            }
        } catch (InterruptedException | OutOfMemoryError e) {
            errors.incrementAndGet();
        } finally {
            slept.countDown();
        }
    }

    private void look(String when, List<Socket> clients, CountDownLatch slept) throws Exception {
        for (int i = 0; i < clients.size(); i++) {
            try (Socket client = clients.get(i)) {
                client.getOutputStream().write('x');
                int n = client.getInputStream().read();
                while (n >= 0 && n != 'x') {
                    n = client.getInputStream().read();
                }
            } catch (SocketTimeoutException e) {
                waiters.add(when + ": client " + i + " waits for ever");
                engine.group().table().forEach(System.out::println);
            } catch (IOException e) {
                // reset: its connection ended
            }
        }
        for (EventLoop loop : engine.group().loops()) {
            var ran = new CountDownLatch(1);
            loop.start("probe", ran::countDown);
            if (!ran.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                loops.add(when + ": " + loop + " runs nothing");
            }
        }
        newConnections(when);
        if (!slept.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            waiters.add(when + ": a sleeper never woke");
            describeSleepers();
        }
        if (Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("bursts-monitor"))) {
            loops.add(when + ": the monitor has died");
        }
        if (!becomesWell()) {
            loops.add(when + ": a loop ails: " + engine.group().failure());
        }
    }
}
