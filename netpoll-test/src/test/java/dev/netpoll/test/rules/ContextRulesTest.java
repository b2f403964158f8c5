// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;

import dev.netpoll.test.rules.Examples.BareBuilder;
import dev.netpoll.test.rules.Examples.BareExecutor;
import dev.netpoll.test.rules.Examples.BareFuture;
import dev.netpoll.test.rules.Examples.BarePool;
import dev.netpoll.test.rules.Examples.BareStage;
import dev.netpoll.test.rules.Examples.BareThread;
import dev.netpoll.test.rules.Examples.BareThreadByReference;
import dev.netpoll.test.rules.Examples.BareThreadInALambda;
import dev.netpoll.test.rules.Examples.BareVirtualThread;
import dev.netpoll.test.rules.Examples.EndedScopes;
import dev.netpoll.test.rules.Examples.KeptContext;
import dev.netpoll.test.rules.Examples.KeptScope;
import dev.netpoll.test.rules.Examples.NothingKept;
import dev.netpoll.test.rules.Examples.OwnPool;
import dev.netpoll.test.rules.Examples.OwnThread;
import dev.netpoll.test.rules.Examples.ParallelStream;
import dev.netpoll.test.rules.Examples.ParallelledStream;
import dev.netpoll.test.rules.Examples.SequentialStream;
import dev.netpoll.test.rules.Examples.UnclosedBinding;
import dev.netpoll.test.rules.Examples.UnclosedGroup;
import dev.netpoll.test.rules.Examples.UnclosedInterrupts;
import dev.netpoll.test.rules.Examples.UnendedScope;
import dev.netpoll.test.rules.Examples.WrappedExecutor;
import dev.netpoll.test.rules.Examples.WrappedFuture;
import dev.netpoll.test.rules.Examples.WrappedThread;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Each rule finds its bad examples, says what to do instead, and lets the good ones pass. */
class ContextRulesTest {

    /** An import reads all that a class refers to, the JDK's among it. */
    private static final Map<Class<?>, JavaClasses> IMPORTED = new ConcurrentHashMap<>();

    private static JavaClasses only(Class<?> example) {
        return IMPORTED.computeIfAbsent(
                example, type -> new ClassFileImporter().importClasses(type));
    }

    private static Arguments bad(ArchRule rule, String instead, Class<?> example) {
        return Arguments.of(rule, instead, example);
    }

    static Stream<Arguments> badExamples() {
        ArchRule threads = ContextRules.THREADS_CARRY_THE_CONTEXT;
        ArchRule futures = ContextRules.FUTURES_CARRY_THE_CONTEXT;
        ArchRule executors = ContextRules.EXECUTORS_CARRY_THE_CONTEXT;
        ArchRule streams = ContextRules.STREAMS_CARRY_THE_CONTEXT;
        ArchRule kept = ContextRules.CONTEXTS_ARE_NOT_KEPT;
        ArchRule ended = ContextRules.SCOPES_ARE_ENDED;
        return Stream.of(
                bad(threads, "CancelContext.current().wrap(task)", BareThread.class),
                bad(threads, "CancelContext.current().wrap(task)", BareBuilder.class),
                bad(threads, "CancelContext.current().wrap(task)", BareVirtualThread.class),
                bad(threads, "CancelContext.current().wrap(task)", BareThreadByReference.class),
                bad(threads, "CancelContext.current().wrap(task)", BareThreadInALambda.class),
                bad(futures, "ContextExecutors.supplyAsync", BareFuture.class),
                bad(futures, "an executor from ContextExecutors.wrap", BareStage.class),
                bad(executors, "ContextExecutors.wrap(Executors.new", BareExecutor.class),
                bad(executors, "ContextExecutors.wrap(Executors.new", BarePool.class),
                bad(streams, "a TaskGroup with a limit", ParallelStream.class),
                bad(streams, "a TaskGroup with a limit", ParallelledStream.class),
                bad(kept, "hand it on as an argument", KeptContext.class),
                bad(kept, "hand it on as an argument", KeptScope.class),
                bad(ended, "open it in try (…), or end this CancelScope", UnendedScope.class),
                bad(ended, "open it in try (…), or end this TaskGroup", UnclosedGroup.class),
                bad(ended, "open it in try (…), or end this Binding", UnclosedBinding.class),
                bad(ended, "or end this InterruptScope", UnclosedInterrupts.class));
    }

    @ParameterizedTest
    @MethodSource("badExamples")
    void aBadExampleIsFoundAndToldWhatToDo(ArchRule rule, String instead, Class<?> example) {
        assertThatThrownBy(() -> rule.check(only(example)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Examples.java:")
                .hasMessageContaining(instead);
        assertThat(ContextRules.ALL.evaluate(only(example)).hasViolation()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("badExamples")
    void onlyTheRuleThatIsMeantFindsIt(ArchRule rule, String instead, Class<?> example) {
        assertThat(
                        Stream.of(
                                        ContextRules.THREADS_CARRY_THE_CONTEXT,
                                        ContextRules.FUTURES_CARRY_THE_CONTEXT,
                                        ContextRules.EXECUTORS_CARRY_THE_CONTEXT,
                                        ContextRules.STREAMS_CARRY_THE_CONTEXT,
                                        ContextRules.CONTEXTS_ARE_NOT_KEPT,
                                        ContextRules.SCOPES_ARE_ENDED)
                                .filter(each -> each.evaluate(only(example)).hasViolation()))
                .containsExactly(rule);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                WrappedThread.class,
                OwnThread.class,
                WrappedFuture.class,
                WrappedExecutor.class,
                OwnPool.class,
                SequentialStream.class,
                NothingKept.class,
                EndedScopes.class
            })
    void aGoodExamplePasses(Class<?> example) {
        ContextRules.ALL.check(only(example));
    }

    @Test
    void anApplicationThatDoesNoneOfItPasses() {
        ContextRules.ALL.check(only(String.class));
    }
}
