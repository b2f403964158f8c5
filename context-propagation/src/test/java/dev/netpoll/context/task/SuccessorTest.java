// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Key;
import dev.netpoll.context.Reachable;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * Tasks that submit their own successors, as drain loops and listener containers do: however long that
 * goes on, a link keeps nothing of those before it, and so walks past none of them.
 */
class SuccessorTest {

    private static final int FEW = 10;
    private static final int MANY = 300;
    private static final Key<Integer> NUMBER = Key.named("number");

    private final Queue<Runnable> queue = new ArrayDeque<>();
    private final ManualRuntime time = new ManualRuntime();
    private int links;
    private int kept;

    /** A chain under {@code scope}; how much its last link keeps alive. */
    private int run(
            int length,
            TaskPolicy policy,
            CancelScope scope,
            UnaryOperator<CancelContext> perLink,
            boolean endsFirst) {
        Executor executor = ContextExecutors.wrap(queue::add, policy);
        links = length;
        scope.run(() -> executor.execute(() -> link(executor, perLink)));
        if (endsFirst) {
            scope.close();
        }
        for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
            next.run();
        }
        assertThat(links).isZero();
        return kept;
    }

    private void link(Executor executor, UnaryOperator<CancelContext> perLink) {
        if (--links > 0) {
            perLink.apply(CancelContext.current())
                    .run(() -> executor.execute(() -> link(executor, perLink)));
        } else {
            kept = Reachable.from(CancelContext.current());
        }
    }

    private void assertThatNothingIsKept(
            TaskPolicy policy, boolean endsFirst, UnaryOperator<CancelContext> perLink) {
        int ofFew = run(FEW, policy, open(), perLink, endsFirst);
        int ofMany = run(MANY, policy, open(), perLink, endsFirst);
        assertThat(ofMany).as("objects kept after %s links, %s", MANY, policy).isEqualTo(ofFew);
        assertThat(time.pending()).as("timers").isZero();
    }

    private CancelScope open() {
        return time.background().withCancel();
    }

    @ParameterizedTest
    @EnumSource
    void aLinkKeepsNothingOfItsPredecessors(TaskPolicy policy) {
        assertThatNothingIsKept(policy, true, UnaryOperator.identity());
    }

    @ParameterizedTest
    @EnumSource
    void aLinkUnderALivingRequestKeepsNothingOfItsPredecessors(TaskPolicy policy) {
        assertThatNothingIsKept(policy, false, UnaryOperator.identity());
    }

    @ParameterizedTest
    @EnumSource
    void aValueThatEachLinkSetsAnewHidesTheOneBefore(TaskPolicy policy) {
        assertThatNothingIsKept(policy, true, context -> context.with(NUMBER, links));
    }

    @ParameterizedTest
    @EnumSource
    void workThatIsPartOfWorkThatIsOverKeepsNothingOfIt(TaskPolicy policy) {
        assertThatNothingIsKept(
                policy,
                true,
                context -> {
                    RunningWork work = RunningWork.in(context);
                    CancelContext marked = work.mark(context);
                    work.whenEnded(() -> {});
                    return marked;
                });
    }

    @ParameterizedTest
    @EnumSource
    void aLinkOfACancelledRequestKeepsNothingOfItsPredecessors(TaskPolicy policy) {
        CancelScope few = open();
        few.cancel("client gone");
        CancelScope many = open();
        many.cancel("client gone");
        int ofFew = run(FEW, policy, few, UnaryOperator.identity(), false);
        int ofMany = run(MANY, policy, many, UnaryOperator.identity(), false);
        assertThat(ofMany).isEqualTo(ofFew);
    }

    @Test
    void theDeadlineOfTheFirstReachesTheLast() {
        CancelScope request = time.background().withTimeout(Duration.ofSeconds(1));
        Executor executor = ContextExecutors.wrap(queue::add, TaskPolicy.OUTLIVE_COMPLETION);
        CancelContext[] last = new CancelContext[1];
        links = FEW;
        request.run(() -> executor.execute(() -> remember(executor, last)));
        request.close();
        for (int i = 0; i < FEW; i++) {
            assertThat(last[0] == null || !last[0].isDeadlineExceeded()).isTrue();
            queue.remove().run();
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(last[0].isDeadlineExceeded()).isFalse(); // it had completed in time
        assertThat(queue).as("the successor, not begun").hasSize(1);
        queue.remove().run();
        assertThat(last[0].isDeadlineExceeded()).isTrue();
    }

    private void remember(Executor executor, CancelContext[] last) {
        last[0] = CancelContext.current();
        if (!last[0].isCancelled()) {
            executor.execute(() -> remember(executor, last));
        }
    }

    @Test
    void aCancelFarAboveReachesTheLast() {
        CancelScope server = open();
        Executor executor = ContextExecutors.wrap(queue::add, TaskPolicy.OUTLIVE_COMPLETION);
        CancelContext[] last = new CancelContext[1];
        CancelScope request = server.withCancel();
        request.run(() -> executor.execute(() -> remember(executor, last)));
        request.close();
        for (int i = 0; i < FEW; i++) {
            queue.remove().run();
        }
        server.cancel("server shutting down");
        queue.remove().run();
        assertThat(last[0].cause().message()).contains("server shutting down");
        assertThat(queue).isEmpty();
    }
}
