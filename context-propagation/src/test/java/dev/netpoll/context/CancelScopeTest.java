// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.context.CancelCause.CancelledByCode;
import dev.netpoll.context.CancelCause.ClientDisconnected;
import dev.netpoll.context.CancelCause.Completed;
import dev.netpoll.context.CancelCause.DeadlineExceeded;
import dev.netpoll.context.CancelCause.ParentCancelled;
import dev.netpoll.context.CancelCause.ServerShuttingDown;
import dev.netpoll.test.ManualRuntime;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

class CancelScopeTest {

    private static final CancelCause LEFT =
            new ClientDisconnected(ClientDisconnected.How.RST, "ECONNRESET");

    private final ManualRuntime time = new ManualRuntime();
    private final CancelScope root = time.background().withCancel();

    @AfterEach
    void nothingIsLeft() {
        root.close();
        assertThat(time.pending()).as("timers").isZero();
        assertThat(root.memberCount()).as("children and hooks").isZero();
    }

    // ---- the transition table

    @Test
    void aNewScopeIsWanted() {
        assertThat(root.isCancelled()).isFalse();
        assertThat(root.cause()).isNull();
        root.throwIfCancelled();
    }

    @Test
    void theFirstCancelWins() {
        assertThat(root.cancel(LEFT)).isTrue();
        assertThat(root.cancel("too late")).isFalse();
        assertThat(root.cancel(LEFT)).as("even for the same cause").isFalse();
        assertThat(root.tryComplete()).isFalse();
        assertThat(root.cause()).isSameAs(LEFT);
    }

    @Test
    void aCompletedScopeIsNeverCancelled() {
        assertThat(root.tryComplete()).isTrue();
        assertThat(root.cancel(LEFT)).isFalse();
        assertThat(root.tryComplete()).as("idempotent").isTrue();
        assertThat(root.cause()).isInstanceOf(Completed.class);
        assertThat(root.isCancelled()).as("over for those who still hold it").isTrue();
    }

    @Test
    void theDeadlineEndsItThroughTheTimer() {
        CancelScope scope = root.withTimeout(Duration.ofSeconds(2));
        List<CancelCause> seen = new ArrayList<>();
        scope.onCancel(seen::add);
        time.advance(Duration.ofSeconds(2).minusNanos(1));
        assertThat(seen).isEmpty();
        time.advance(Duration.ofNanos(1));
        assertThat(seen).singleElement().isInstanceOf(DeadlineExceeded.class);
        assertThat(scope.isDeadlineExceeded()).isTrue();
    }

    @Test
    void theDeadlineHoldsWhenTheTimerIsStarved() {
        CancelScope scope = root.withTimeout(Duration.ofSeconds(2));
        CancelScope child = scope.withCancel();
        time.advanceStarved(Duration.ofSeconds(2));
        assertThat(child.tryComplete()).isFalse();
        assertThat(child.isDeadlineExceeded()).isTrue();
        assertThat(scope.cancel(LEFT)).as("the deadline was first").isFalse();
        assertThat(scope.tryComplete()).isFalse();
        assertThat(scope.cause()).isInstanceOf(DeadlineExceeded.class);
        assertThatThrownBy(scope::complete).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void hooksOfAnEndThatWasOnlyReadRunWhenTheTimerComes() {
        CancelScope scope = root.withTimeout(Duration.ofSeconds(2));
        List<CancelCause> seen = new ArrayList<>();
        scope.onCancel(seen::add);
        time.advanceStarved(Duration.ofSeconds(3));
        assertThat(scope.isCancelled()).isTrue();
        assertThat(seen).as("asking runs nobody's code").isEmpty();
        time.advance(Duration.ZERO);
        assertThat(seen).hasSize(1);
    }

    @Test
    void aZeroOrNegativeTimeoutIsBornExpired() {
        assertThat(root.withTimeout(Duration.ZERO).isDeadlineExceeded()).isTrue();
        assertThat(root.withTimeout(Duration.ofMillis(-5)).isDeadlineExceeded()).isTrue();
    }

    @Test
    void aTimeoutBeyondAllTimeIsNoOverflow() {
        try (CancelScope scope = root.withTimeout(Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThat(scope.isCancelled()).isFalse();
        }
    }

    // ---- the tree

    @Test
    void aParentsEndReachesAllBelowWithItsCause() {
        CancelScope child = root.withCancel();
        CancelScope grandchild = child.with(Key.named("k"), "v").withCancel();
        root.cancel(LEFT);
        assertThat(child.cause()).isEqualTo(new ParentCancelled(LEFT));
        assertThat(grandchild.cause()).isEqualTo(new ParentCancelled(LEFT));
        assertThat(grandchild.cause().origin()).isSameAs(LEFT);
    }

    @Test
    void aChildThatWasCancelledFirstKeepsItsCause() {
        CancelScope child = root.withCancel();
        child.cancel("mine");
        root.cancel(LEFT);
        assertThat(child.cause()).isEqualTo(new CancelledByCode("mine"));
    }

    @Test
    void aChildsEndDoesNotReachTheParent() {
        root.withCancel().cancel();
        assertThat(root.isCancelled()).isFalse();
    }

    @Test
    void aChildOfAnEndedContextIsBornEnded() {
        root.cancel(LEFT);
        assertThat(root.withCancel().cause()).isEqualTo(new ParentCancelled(LEFT));
        assertThat(root.withTimeout(Duration.ofDays(1)).cause())
                .isEqualTo(new ParentCancelled(LEFT));
    }

    @Test
    void childrenOfACompletedContextEndWithIt() {
        CancelScope child = root.withCancel();
        root.complete();
        assertThat(child.cause().origin()).isInstanceOf(Completed.class);
    }

    @Test
    void theEarlierDeadlineHoldsAndTheLatersReasonIsDropped() {
        CancelScope parent = root.withTimeout(Duration.ofSeconds(1), "the parent's");
        CancelScope child = parent.withTimeout(Duration.ofSeconds(5), "the child's");
        assertThat(child.deadline().remaining()).isEqualTo(Duration.ofSeconds(1));
        time.advance(Duration.ofSeconds(1));
        assertThat(child.cause().message()).contains("the parent's");
        assertThat(child.cause()).isInstanceOf(ParentCancelled.class);
        assertThatThrownBy(child::throwIfCancelled).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void anOwnEarlierDeadlineSaysItsReason() {
        IllegalStateException reason = new IllegalStateException("the budget of the report");
        CancelScope child =
                root.withTimeout(Duration.ofSeconds(5)).withTimeout(Duration.ofSeconds(1), reason);
        time.advance(Duration.ofSeconds(1));
        assertThatThrownBy(child::throwIfCancelled)
                .isInstanceOf(DeadlineExceededException.class)
                .hasMessageContaining("the budget of the report")
                .hasCause(reason);
    }

    @Test
    void withoutCancelKeepsValuesAndLosesDeadlineAndEnd() {
        Key<String> tenant = Key.named("tenant");
        CancelContext free =
                root.withTimeout(Duration.ofSeconds(1)).with(tenant, "acme").withoutCancel();
        time.advance(Duration.ofSeconds(1));
        root.cancel(LEFT);
        assertThat(free.value(tenant)).isEqualTo("acme");
        assertThat(free.deadline()).isNull();
        assertThat(free.isCancelled()).isFalse();
        assertThat(free.withCancel().isCancelled()).isFalse();
    }

    @Test
    void theNearestValueIsFound() {
        Key<String> key = Key.named("k");
        Key<String> other = Key.named("k");
        CancelContext inner = root.with(key, "outer").withCancel().with(key, "inner");
        assertThat(inner.value(key)).isEqualTo("inner");
        assertThat(inner.value(other)).as("another key of the same name").isNull();
        assertThat(root.value(key)).isNull();
    }

    @Test
    void aChainDeeperThanAnyStackIsCancelled() {
        CancelScope deepest = root;
        for (int i = 0; i < 100_000; i++) {
            deepest = deepest.withCancel();
        }
        List<CancelCause> seen = new ArrayList<>();
        deepest.onCancel(seen::add);
        root.cancel(LEFT);
        assertThat(seen).containsExactly(new ParentCancelled(LEFT));
    }

    // ---- an end of one's own

    @Test
    void anOwnEndOutlivesCompletionAndKeepsTheDeadline() {
        CancelScope request = root.withTimeout(Duration.ofSeconds(2));
        CancelScope task = request.withOwnEnd();
        request.complete();
        assertThat(task.isCancelled()).isFalse();
        time.advance(Duration.ofSeconds(2));
        assertThat(task.cause()).isInstanceOf(DeadlineExceeded.class);
    }

    @Test
    void anOwnEndIsReachedByACancelAboveTheCompletedParent() {
        CancelScope request = root.withCancel();
        CancelScope inner = request.withCancel();
        CancelScope task = inner.withOwnEnd();
        List<CancelCause> seen = new ArrayList<>();
        task.withCancel().onCancel(seen::add);
        request.complete();
        assertThat(task.isCancelled()).isFalse();
        root.cancel(new ServerShuttingDown());
        assertThat(seen).containsExactly(new ParentCancelled(new ServerShuttingDown()));
        assertThat(task.cause()).isEqualTo(new ParentCancelled(new ServerShuttingDown()));
    }

    @Test
    void anOwnEndIsReachedByACancelOfTheParent() {
        CancelScope request = root.withCancel();
        CancelScope task = request.withOwnEnd();
        request.cancel(LEFT);
        assertThat(task.cause()).isEqualTo(new ParentCancelled(LEFT));
    }

    @Test
    void anOwnEndOpenedAfterTheCompletionLives() {
        CancelScope request = root.withCancel();
        request.complete();
        try (CancelScope task = request.withOwnEnd()) {
            assertThat(task.isCancelled()).isFalse();
            assertThat(root.memberCount()).isOne();
        }
    }

    // ---- no leak

    @Test
    void aLongLivedParentKeepsNoEndedChild() {
        for (int i = 0; i < 100_000; i++) {
            CancelScope child =
                    i % 2 == 0 ? root.withCancel() : root.withTimeout(Duration.ofDays(1));
            child.onCancel(() -> {}).stop();
            if (i % 3 == 0) {
                child.cancel();
            } else {
                child.close();
            }
        }
        assertThat(root.memberCount()).isZero();
        assertThat(time.pending()).isZero();
    }

    // ---- the owner

    @Test
    void theOwnerIsToldOnceAndBeforeTheHooks() {
        List<String> told = new ArrayList<>();
        CancelScope owned = root.withCancel(cause -> told.add("owner: " + cause.message()));
        owned.onCancelInline(_ -> told.add("hook"));
        assertThat(owned.cancel("enough")).isTrue();
        owned.cancel("again");
        owned.close();
        assertThat(told).containsExactly("owner: enough", "hook");
    }

    @Test
    void theOwnerIsNotToldOfACompletion() {
        List<CancelCause> told = new ArrayList<>();
        CancelScope owned = root.withCancel(told::add);
        owned.complete();
        owned.cancel();
        root.cancel();
        assertThat(told).isEmpty();
    }

    @Test
    void theOwnerIsToldOfAnEndAbove() {
        List<CancelCause> told = new ArrayList<>();
        CancelScope owned = root.withCancel(told::add);
        CancelScope below = owned.withCancel(told::add);
        root.cancel(LEFT);
        assertThat(told).containsExactly(new ParentCancelled(LEFT), new ParentCancelled(LEFT));
        assertThat(below.isCancelled()).isTrue();
    }

    @Test
    void theOwnerIsToldOfTheDeadlineByTheTimer() {
        List<CancelCause> told = new ArrayList<>();
        CancelScope owned =
                root.withDeadline(Deadline.after(Duration.ofSeconds(1), time), "limit", told::add);
        time.advanceStarved(Duration.ofSeconds(2));
        assertThat(owned.isDeadlineExceeded()).as("by the clock").isTrue();
        assertThat(told).as("asking tells nobody").isEmpty();
        time.advance(Duration.ZERO);
        assertThat(told).hasSize(1);
        assertThat(told.getFirst()).isInstanceOf(DeadlineExceeded.class);
    }

    @Test
    void theOwnerOfAScopeThatIsBornEndedIsToldAtOnce() {
        List<CancelCause> told = new ArrayList<>();
        CancelScope expired =
                root.withDeadline(Deadline.after(Duration.ZERO, time), "limit", told::add);
        assertThat(told).hasSize(1);
        expired.close();
        root.cancel(LEFT);
        root.withCancel(told::add).close();
        assertThat(told).hasSize(2);
        assertThat(told.getLast()).isEqualTo(new ParentCancelled(LEFT));
    }

    @Test
    void anOwnerThatFailsKeepsNobodyFromBeingTold() {
        List<CancelCause> told = new ArrayList<>();
        try (QuietLog log = new QuietLog(CancelScope.class)) {
            CancelScope owned =
                    root.withCancel(
                            _ -> {
                                throw new IllegalStateException("an owner's bug");
                            });
            owned.onCancelInline(told::add);
            owned.cancel();
            assertThat(log.records()).hasSize(1);
        }
        assertThat(told).hasSize(1);
    }
}
