// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.engine.internal.sched.SchedulerHook.Shape;

import org.junit.jupiter.api.Test;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Which way of a JDK is taken, by classes of its shape. */
class SchedulerHookTest {

    private static final MethodHandles.Lookup HERE = MethodHandles.lookup();

    private final List<Runnable> executed = new ArrayList<>();

    // ---- the JDK that runs the tests ------------------------------------------------------------

    @Test
    void theJdkThatRunsTheTestsHasTheConstructor() {
        SchedulerHook hook = SchedulerHook.ofThisJdk();
        assertThat(hook.shape())
                .as(
                        """
                        What: JDK %s has no ThreadBuilders.VirtualThreadBuilder(Executor), on which the \
                        loops carry virtual threads.
                        Why it matters: the product falls back to the JDK's scheduler there (carriers: \
                        jdk), and is slower.
                        What to do: docs/decisions/0019 lists the JDKs' ways; add this one's to \
                        SchedulerHook. The hook says: %s
                        """,
                        Runtime.version(), hook.obstacle())
                .isEqualTo(Shape.CONSTRUCTOR);
    }

    // ---- JDK 25 ---------------------------------------------------------------------------------

    private static final class OfJdk25 {

        private final Executor scheduler;

        private OfJdk25(Executor scheduler) {
            this.scheduler = scheduler;
        }
    }

    @Test
    void aConstructorForAnExecutorIsTaken() throws Throwable {
        SchedulerHook hook = SchedulerHook.of(HERE, OfJdk25.class, null);
        assertThat(hook.shape()).isEqualTo(Shape.CONSTRUCTOR);
        assertThat(hook.obstacle()).isNull();
        var builder =
                (OfJdk25)
                        Objects.requireNonNull(hook.newBuilder()).invoke((Executor) executed::add);
        builder.scheduler.execute(() -> {});
        assertThat(executed).hasSize(1);
    }

    @Test
    void theConstructorGoesFirstWhereAJdkHasBoth() {
        assertThat(SchedulerHook.of(HERE, OfJdk25.class, Scheduler.class).shape())
                .isEqualTo(Shape.CONSTRUCTOR);
    }

    // ---- the Loom repository --------------------------------------------------------------------

    interface Task extends Runnable {
        Thread thread();
    }

    interface Scheduler {
        void onStart(Task task);

        void onContinue(Task task);

        default String schedule(Runnable task, long delay, TimeUnit unit) {
            return "by default: " + delay + " " + unit;
        }
    }

    private static final class OfLoom {

        private Scheduler scheduler;
    }

    private record Continuation(Thread thread) implements Task {

        @Override
        public void run() {}
    }

    private OfLoom loomsBuilder() throws Throwable {
        SchedulerHook hook = SchedulerHook.of(HERE, OfLoom.class, Scheduler.class);
        assertThat(hook.shape()).isEqualTo(Shape.INTERFACE);
        return (OfLoom) Objects.requireNonNull(hook.newBuilder()).invoke((Executor) executed::add);
    }

    @Test
    void aSchedulerInTheBuildersFieldHandsStartsAndContinuationsOn() throws Throwable {
        Scheduler scheduler = loomsBuilder().scheduler;
        var started = new Continuation(Thread.currentThread());
        var continued = new Continuation(Thread.currentThread());
        scheduler.onStart(started);
        scheduler.onContinue(continued);
        assertThat(executed).hasSize(2);
        assertThat(executed.getFirst()).isSameAs(started);
        assertThat(executed.getLast()).isSameAs(continued);
    }

    @Test
    void whatElseTheJdkAsksOfItIsAnsweredByDefault() throws Throwable {
        Scheduler scheduler = loomsBuilder().scheduler;
        assertThat(scheduler.schedule(() -> {}, 5, TimeUnit.SECONDS))
                .isEqualTo("by default: 5 SECONDS");
        assertThat(scheduler).isEqualTo(scheduler).isNotEqualTo(loomsBuilder().scheduler);
        assertThat(scheduler.hashCode()).isEqualTo(scheduler.hashCode());
        assertThat(scheduler.toString()).isNotEmpty();
    }

    interface NewerScheduler extends Scheduler {
        void onSomethingNew();
    }

    private static final class OfNewerLoom {

        private NewerScheduler scheduler;
    }

    @Test
    void aDutyOfASchedulerThatIsNotKnownIsRefusedLoudly() throws Throwable {
        SchedulerHook hook = SchedulerHook.of(HERE, OfNewerLoom.class, NewerScheduler.class);
        var builder =
                (OfNewerLoom)
                        Objects.requireNonNull(hook.newBuilder()).invoke((Executor) executed::add);
        assertThatThrownBy(builder.scheduler::onSomethingNew)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("onSomethingNew");
    }

    // ---- JDKs that have neither -----------------------------------------------------------------

    private static final class OfAnother {}

    interface OlderScheduler {
        void execute(Thread thread, Runnable task);
    }

    @Test
    void aJdkWithoutTheConstructorIsToldOfWithWhatAndWhyAndWhatToDo() {
        SchedulerHook hook = SchedulerHook.of(HERE, OfAnother.class, null);
        assertThat(hook.shape()).isNull();
        assertThat(hook.newBuilder()).isNull();
        assertThat(hook.obstacle())
                .contains("this JDK (" + Runtime.version() + ")")
                .contains("no constructor for an Executor any more")
                .contains("run on the JDK's scheduler")
                .contains("Use JDK 25");
    }

    @Test
    void aSchedulerOfAnotherShapeIsNoWay() {
        assertThat(SchedulerHook.of(HERE, OfAnother.class, OlderScheduler.class).obstacle())
                .contains("not the one of the Loom repository")
                .contains("OlderScheduler.onStart");
        assertThat(SchedulerHook.of(HERE, OfAnother.class, Scheduler.class).obstacle())
                .contains("not the one of the Loom repository");
    }
}
