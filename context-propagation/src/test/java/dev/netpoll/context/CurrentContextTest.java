// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

class CurrentContextTest {

    private final CancelScope scope = CancelContext.background().withCancel();

    @AfterEach
    void nothingIsLeft() {
        scope.close();
        assertThat(CancelContext.currentOrNull()).isNull();
    }

    @Test
    void withoutOneTheErrorSaysHowToGetOne() {
        assertThat(CancelContext.currentOrNull()).isNull();
        assertThatThrownBy(CancelContext::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ContextExecutors.wrap")
                .hasMessageContaining("currentOrNull");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bindingsNestOnVirtualAndPlatformThreads(boolean virtual) throws Exception {
        FutureTask<Boolean> task =
                new FutureTask<>(
                        () -> {
                            try (Binding _ = scope.bind()) {
                                CancelContext inner = scope.with(Key.named("k"), 1);
                                inner.run(
                                        () -> assertThat(CancelContext.current()).isSameAs(inner));
                                assertThat(CancelContext.current()).isSameAs(scope);
                            }
                            return CancelContext.currentOrNull() == null;
                        });
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
        assertThat(Bounded.get(task)).isTrue();
    }

    @Test
    void aCallHandsItsResultAndItsErrorOn() {
        assertThat(scope.<String, RuntimeException>call(() -> "result")).isEqualTo("result");
        assertThatThrownBy(
                        () ->
                                scope.call(
                                        () -> {
                                            throw new IOException("its own type");
                                        }))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aWrappedTaskSeesItsContextElsewhere() throws Exception {
        Callable<CancelContext> wrapped = scope.wrap(CancelContext::current);
        assertThat(Bounded.get(Bounded.fork(wrapped))).isSameAs(scope);
    }

    @Test
    void aBindingIsOnlyUndoneByItsOwnThread() throws Exception {
        try (Binding binding = scope.bind()) {
            FutureTask<Boolean> foreign =
                    Bounded.fork(
                            () -> {
                                assertThatThrownBy(binding::close)
                                        .isInstanceOf(IllegalStateException.class);
                                return true;
                            });
            assertThat(Bounded.get(foreign)).isTrue();
            assertThat(CancelContext.current()).isSameAs(scope);
        }
    }

    @Test
    void closingABindingTwiceDoesNotBringAnOldContextBack() {
        Binding first = scope.bind();
        first.close();
        CancelContext other = scope.with(Key.named("k"), 1);
        try (Binding _ = other.bind()) {
            first.close();
            assertThat(CancelContext.current()).isSameAs(other);
        }
    }

    @Test
    void aBindingBringsBackWhatWasBoundThoughTheSlotWasEmptiedMeanwhile() {
        try (Binding _ = scope.bind()) {
            CancelContext inner = scope.with(Key.named("k"), 1);
            try (Binding _ = inner.bind()) {
                CurrentContext.set(null);
                assertThat(CancelContext.currentOrNull()).isNull();
                CurrentContext.set(inner);
            }
            assertThat(CancelContext.current()).isSameAs(scope);
        }
    }
}
