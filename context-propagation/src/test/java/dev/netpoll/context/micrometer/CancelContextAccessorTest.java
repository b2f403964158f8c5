// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.testsupport.Bounded;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;

import org.junit.jupiter.api.Test;

import java.util.concurrent.Callable;

class CancelContextAccessorTest {

    private final ContextSnapshotFactory snapshots =
            ContextSnapshotFactory.builder()
                    .contextRegistry(new ContextRegistry().loadThreadLocalAccessors())
                    .clearMissing(true)
                    .build();

    @Test
    void aSnapshotCarriesTheContextToAnotherThreadAndTakesItAwayAfterwards() throws Exception {
        try (CancelScope scope = CancelContext.background().withCancel()) {
            ContextSnapshot snapshot;
            try (Binding _ = scope.bind()) {
                snapshot = snapshots.captureAll();
            }
            Callable<CancelContext> seen = snapshot.wrap(CancelContext::current);
            assertThat(Bounded.get(Bounded.fork(() -> seen.call() == scope))).isTrue();
            assertThat(
                            Bounded.get(
                                    Bounded.fork(
                                            () -> {
                                                seen.call();
                                                return CancelContext.currentOrNull() == null;
                                            })))
                    .isTrue();
        }
    }

    @Test
    void anEmptySnapshotHidesTheContextWhileItIsSet() {
        ContextSnapshot empty = snapshots.captureAll();
        try (CancelScope scope = CancelContext.background().withCancel();
                Binding _ = scope.bind()) {
            try (ContextSnapshot.Scope _ = empty.setThreadLocals()) {
                assertThat(CancelContext.currentOrNull()).isNull();
            }
            assertThat(CancelContext.current()).isSameAs(scope);
        }
    }
}
