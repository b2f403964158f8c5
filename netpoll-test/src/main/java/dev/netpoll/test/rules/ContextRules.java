// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;

/**
 * ArchUnit rules for an application's own code, so that deadlines and cancellations of requests reach all
 * that the requests start:
 *
 * <pre>{@code
 * @AnalyzeClasses(packages = "com.example", importOptions = DoNotIncludeTests.class)
 * class ContextRulesTest {
 *     @ArchTest static final ArchRule contexts = ContextRules.ALL;
 * }
 * }</pre>
 *
 * <p>The rules look at one method at a time, its lambdas included. They see that a thread is started
 * and that something is wrapped there, not that it is the same thing: they find what was forgotten, not
 * what was contrived. Each violation says what to do instead; where one is meant, ArchUnit's own ways
 * let it pass ({@code archunit_ignore_patterns.txt}, a freezing rule).
 */
public final class ContextRules {

    /**
     * No thread is started without a context: not by {@code new Thread}, not by a builder. A method
     * that wraps what it hands over ({@code context.wrap(task)}, {@code ContextExecutors.wrap}) may.
     */
    public static final ArchRule THREADS_CARRY_THE_CONTEXT =
            rule(
                    "not start threads without the context",
                    "work on a thread of its own has no deadline and nothing cancels it",
                    new Forbidden(
                            Calls::startsThread,
                            "fork it in a TaskGroup, submit it to ContextExecutors.wrap(executor),"
                                    + " or hand the thread CancelContext.current().wrap(task)"));

    /** No {@code supplyAsync}, {@code runAsync}, {@code thenApplyAsync} … without an executor. */
    public static final ArchRule FUTURES_CARRY_THE_CONTEXT =
            rule(
                    "not use CompletableFuture's asynchronous methods without an executor",
                    "the common pool's threads have no context, and a cancel of the future does not"
                            + " stop its task",
                    new Forbidden(
                            Calls::completesOnTheCommonPool,
                            "use ContextExecutors.supplyAsync(work, executor, policy), or give the"
                                    + " method an executor from ContextExecutors.wrap"));

    /** No executor of one's own that {@code ContextExecutors.wrap} does not wrap where it is made. */
    public static final ArchRule EXECUTORS_CARRY_THE_CONTEXT =
            rule(
                    "not make executors without wrapping them",
                    "what is submitted to a bare executor has no deadline and nothing cancels it",
                    new Forbidden(
                            Calls::makesExecutor,
                            "wrap it where it is made: ContextExecutors.wrap(Executors.new…())"));

    /** No parallel streams: they run on the common pool. */
    public static final ArchRule STREAMS_CARRY_THE_CONTEXT =
            rule(
                    "not use parallel streams",
                    "the common pool's threads have no context, so what runs there is out of reach",
                    new Forbidden(
                            Calls::goesParallel, "fork the elements in a TaskGroup with a limit"));

    /** No context is kept in a field: it is a request's, and the object outlives that. */
    public static final ArchRule CONTEXTS_ARE_NOT_KEPT =
            rule(
                    "not keep a context in a field",
                    "a context belongs to one request: in an object it is soon the wrong one, and"
                            + " keeps what hangs in it",
                    new NotKept());

    /**
     * What is opened is ended in the same method, handed on or returned: a {@code CancelScope}, a {@code
     * TaskGroup}, a binding, an interrupt scope.
     */
    public static final ArchRule SCOPES_ARE_ENDED =
            rule(
                    "end the scopes they open",
                    "a scope that is not ended hangs in its parent, with its timer, until that"
                            + " ends",
                    new Ended());

    /** All of them. */
    public static final ArchRule ALL =
            CompositeArchRule.of(THREADS_CARRY_THE_CONTEXT)
                    .and(FUTURES_CARRY_THE_CONTEXT)
                    .and(EXECUTORS_CARRY_THE_CONTEXT)
                    .and(STREAMS_CARRY_THE_CONTEXT)
                    .and(CONTEXTS_ARE_NOT_KEPT)
                    .and(SCOPES_ARE_ENDED);

    private ContextRules() {}

    private static ArchRule rule(String what, String why, ArchCondition<JavaClass> condition) {
        return classes().should(condition.as(what)).because(why).allowEmptyShould(true);
    }
}
