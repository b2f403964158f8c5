// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PolledFd;
import dev.netpoll.engine.internal.sys.LinuxKernel;
import dev.netpoll.engine.internal.sys.ScratchSource;
import dev.netpoll.engine.io.PollResult;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Bytes and deadlines of a real socket while its loop is busy with others, by a manual clock. */
class ArrivedInTimeTest {

    private static final long DEADLINE = 2_000;

    private final CompletableFuture<PollResult> started = new CompletableFuture<>();
    private ManualLoops manual;
    private EventLoop loop;
    private AcceptedFd accepted;
    private Socket client;
    private PolledFd polled;

    @BeforeEach
    void connect() throws IOException {
        manual = new ManualLoops(1);
        loop = manual.first();
        accepted = AcceptedFd.on(loop, new LinuxKernel(ScratchSource.pooled()));
        client = accepted.client();
        polled = accepted.polled();
    }

    @AfterEach
    void close() throws Exception {
        accepted.close();
        manual.close();
    }

    /** Has the loop told {@link #started} once it starts what waits for bytes until the deadline. */
    private void armUntilDeadline() {
        polled.desc().setDeadline(Mode.READ, DEADLINE);
        polled.desc().arm(Mode.READ, () -> started.complete(polled.desc().startedBy(Mode.READ)));
    }

    private PollResult outcome() throws Exception {
        return started.get(20, TimeUnit.SECONDS);
    }

    @Test
    void bytesThatCameWhileTheLoopWasBusyBeatADeadlineThatPassedAfterThem() throws Exception {
        loop.startCarrier();
        ManualLoops.turnAround(loop); // the socket's first event, room to write, is out of the way
        armUntilDeadline();
        BlockingSlice busy = BlockingSlice.on(loop);
        client.getOutputStream().write(1);
        manual.clock.moveTo(DEADLINE);
        busy.end();
        assertThat(outcome()).isEqualTo(PollResult.READY);
    }

    @Test
    void theyAreReadByAThreadThatWaitsForThem() throws Exception {
        loop.startCarrier();
        polled.desc().setDeadline(Mode.READ, DEADLINE);
        loop.start("reader", () -> started.complete(polled.desc().await(Mode.READ)));
        Bounded.until("it waits", () -> polled.desc().hasParked(Mode.READ));
        BlockingSlice busy = BlockingSlice.on(loop);
        client.getOutputStream().write(1);
        manual.clock.moveTo(DEADLINE);
        busy.end();
        assertThat(outcome()).isEqualTo(PollResult.READY);
    }

    @Test
    void aDispatchThatWaitsBehindOthersIsServedThoughItsDeadlinePassesMeanwhile() throws Exception {
        loop.startCarrier();
        ManualLoops.turnAround(loop);
        armUntilDeadline();
        BlockingSlice busy = BlockingSlice.on(loop);
        client.getOutputStream().write(1);
        for (int i = 1; i < Slices.PER_POLL; i++) {
            loop.execute(() -> {});
        }
        // The sockets are looked at before this one runs: the dispatch comes behind it.
        loop.execute(this::theDeadlinePasses);
        busy.end();
        assertThat(outcome()).isEqualTo(PollResult.READY);
    }

    private void theDeadlinePasses() {
        assertThat(polled.desc().hasDispatch(Mode.READ)).isFalse();
        manual.clock.moveTo(DEADLINE);
        loop.timers().expire(DEADLINE);
    }

    @Test
    void withoutBytesTheDeadlineHolds() throws Exception {
        loop.startCarrier();
        armUntilDeadline();
        BlockingSlice busy = BlockingSlice.on(loop);
        manual.clock.moveTo(DEADLINE);
        busy.end();
        assertThat(outcome()).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }

    @Test
    void aDeadlineIsLookedAtThoughNothingElseHappens() throws Exception {
        loop.startCarrier();
        armUntilDeadline();
        ManualLoops.turnAround(loop);
        assertThat(started).isNotDone();
        manual.clock.moveTo(DEADLINE);
        loop.wakeIfSleeping();
        assertThat(outcome()).isEqualTo(PollResult.DEADLINE_EXCEEDED);
    }
}
