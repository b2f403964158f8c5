// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.internal.sys.ScratchSource;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** What a loop does before a slice that may be long, by a manual clock and a socket of the real kernel. */
class LongSlicesTest {

    private final List<String> ran = new CopyOnWriteArrayList<>();

    private ManualLoops manual;
    private EventLoop loop;
    private AcceptedFd accepted;

    @BeforeEach
    void connect() throws IOException {
        manual = new ManualLoops(1);
        loop = manual.first();
        accepted = AcceptedFd.on(loop, new LinuxKernel(ScratchSource.pooled()));
        loop.startCarrier();
        ManualLoops.turnAround(loop); // the socket's first event, room to write, is out of the way
    }

    @AfterEach
    void close() throws Exception {
        accepted.close();
        manual.close();
    }

    /** Slices that have been so long that the loop counts on more of them. */
    private void beLong() {
        for (int i = 0; i < 8; i++) {
            var done = new CountDownLatch(1);
            loop.execute(
                    () -> {
                        manual.pass(BatchEnd.LONG_NANOS);
                        done.countDown();
                    });
            Bounded.await(done);
            ManualLoops.turnAround(loop);
        }
    }

    /**
     * A slice that queues a short one, by which the socket gets its bytes, and one that may be long; that slice leaves a
     * send to the end of the batch if it may.
     */
    private List<String> run() throws Exception {
        var done = new CountDownLatch(3);
        accepted.polled().desc().arm(Mode.READ, () -> loop.start(() -> told("bytes", done), false));
        loop.execute(
                () -> {
                    if (!CurrentSlice.atBatchEnd(() -> ran.add("send"))) {
                        ran.add("sent at once");
                    }
                    loop.start(() -> write(done), false);
                    loop.start(() -> told("long", done), true);
                });
        Bounded.await(done);
        return ran;
    }

    private void write(CountDownLatch done) {
        try {
            accepted.client().getOutputStream().write(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        told("short", done);
    }

    private void told(String what, CountDownLatch done) {
        ran.add(what);
        done.countDown();
    }

    @Test
    void theSocketsAreLookedAtBeforeOne() throws Exception {
        beLong();
        assertThat(run()).containsExactly("sent at once", "short", "bytes", "long");
    }

    @Test
    void whereSlicesAreShortItRunsInTheSameBatchButAfterTheSendsOfThoseBefore() throws Exception {
        assertThat(run()).containsExactly("short", "send", "long", "bytes");
    }
}
