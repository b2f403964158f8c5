// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.testsupport.Bounded;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

/** Background work of an application without a server that is stopped, started and closed. */
@ExtendWith(OutputCaptureExtension.class)
class BackgroundLifecycleTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableAsync
    @EnableScheduling
    @Import({Told.class, Work.class})
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Child {}

    /** What the work and the tests tell each other. */
    static class Told {

        /** Whether the context of a run that began while somebody asked had ended. */
        final SynchronousQueue<Boolean> ended = new SynchronousQueue<>();

        final CountDownLatch hang = new CountDownLatch(1);
        final CompletableFuture<CancelCause> cause = new CompletableFuture<>();
        final CountDownLatch released = new CountDownLatch(1);
        final CountDownLatch again = new CountDownLatch(1);
    }

    static class Work {

        private final Told told;

        Work(Told told) {
            this.told = told;
        }

        @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.MILLISECONDS)
        void offer() {
            told.ended.offer(CancelContext.current().isCancelled());
        }

        /** Hangs once when it is told to, until its context has ended and it is released. */
        @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.MILLISECONDS)
        void hang() {
            if (told.cause.isDone()) {
                told.again.countDown();
            } else if (told.hang.getCount() == 0) {
                CancelContext context = CancelContext.current();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    told.cause.complete(context.cause());
                    awaitRelease();
                    throw new IllegalStateException(e);
                }
            }
        }

        private void awaitRelease() {
            Bounded.value(
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    told.released.await();
                                } catch (InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            }));
        }

        @Async
        CompletableFuture<Boolean> ended() {
            return CompletableFuture.completedFuture(CancelContext.current().isCancelled());
        }
    }

    private ConfigurableApplicationContext application;

    private Told run(String... properties) {
        application =
                new SpringApplicationBuilder(Application.class)
                        .web(WebApplicationType.NONE)
                        .properties("spring.task.scheduling.pool.size=4")
                        .properties(properties)
                        .run();
        return application.getBean(Told.class);
    }

    private Work work() {
        return application.getBean(Work.class);
    }

    private BackgroundContexts background() {
        return application.getBean(BackgroundContexts.class);
    }

    @AfterEach
    void close() {
        application.close();
    }

    private static boolean nextRunHasEnded(Told told) throws InterruptedException {
        Boolean ended = told.ended.poll(Bounded.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(ended).as("a scheduled run").isNotNull();
        return ended;
    }

    @Test
    void afterAStartBackgroundWorkHasAContextThatLasts(CapturedOutput output) throws Exception {
        Told told = run();
        for (int i = 0; i < 20; i++) {
            assertThat(nextRunHasEnded(told)).isFalse();
            assertThat(Bounded.value(work().ended())).isFalse();
            application.stop();
            application.start();
        }
        assertThat(nextRunHasEnded(told)).isFalse();
        assertThat(Bounded.value(work().ended())).isFalse();
        ContextContract.assertQuiet(output);
    }

    /** A stop cancels background work before it pauses the schedulers: runs can begin between the two. */
    @Test
    void aSeriesOfWhichARunBeginsInAContextThatHasEndedGoesOn() throws Exception {
        Told told = run();
        background().shutDown();
        for (boolean ended = false; !ended; ) {
            ended = nextRunHasEnded(told);
        }
        background().renew();
        for (boolean ended = true; ended; ) {
            ended = nextRunHasEnded(told);
        }
    }

    @Test
    void whatIsSubmittedWhileTheApplicationIsStoppedRunsAfterTheStart() {
        Told told = run();
        application.stop();
        CompletableFuture<Boolean> submitted = work().ended();
        application.start();
        assertThat(Bounded.value(submitted)).isFalse();
    }

    @Test
    void aPauseLeavesBackgroundWorkAlone() throws Exception {
        Told told = run();
        CancelContext root = background().root();
        application.pause();
        assertThat(root.isCancelled()).isFalse();
        application.restart();
        assertThat(nextRunHasEnded(told)).isFalse();
        assertThat(background().root()).isSameAs(root);
    }

    @Test
    void aScheduledRunThatAStopHasCancelledMayEndAfterTheNextStart(CapturedOutput output) {
        Told told = run("spring.lifecycle.timeout-per-shutdown-phase=1ms");
        told.hang.countDown();
        Bounded.until(() -> hangs(), () -> "no run hangs");
        application.stop();
        assertThat(Bounded.value(told.cause).origin().kind())
                .isEqualTo(CancelCause.Kind.SERVER_SHUTTING_DOWN);
        application.start();
        told.released.countDown();
        Bounded.until(() -> told.again.getCount() == 0, () -> "no run follows");
        ContextContract.assertQuiet(output);
    }

    private static boolean hangs() {
        return Thread.getAllStackTraces().values().stream()
                .anyMatch(
                        stack -> {
                            for (int i = 1; i < stack.length; i++) {
                                if (stack[i].getMethodName().equals("hang")
                                        && stack[i].getClassName().equals(Work.class.getName())) {
                                    return stack[0].getMethodName().equals("park");
                                }
                            }
                            return false;
                        });
    }

    @Test
    void closingCancelsBackgroundWorkWithoutAServerToo() {
        Told told = run();
        told.hang.countDown();
        Bounded.until(() -> hangs(), () -> "no run hangs");
        told.released.countDown();
        application.close();
        assertThat(Bounded.value(told.cause).origin().kind())
                .isEqualTo(CancelCause.Kind.SERVER_SHUTTING_DOWN);
    }

    @Test
    void whatBeginsInAClosedApplicationIsCancelledAtOnce() {
        run();
        BackgroundContexts background = background();
        application.close();
        assertThat(background.root().isCancelled()).isTrue();
    }

    @Test
    void whatBeginsInAnApplicationThatWasStoppedAndThenClosedIsCancelledAtOnce() {
        run();
        BackgroundContexts background = background();
        application.stop();
        assertThat(background.root().isCancelled()).isFalse();
        application.close();
        assertThat(background.root().isCancelled()).isTrue();
    }

    @Test
    void aChildsStopIsNotItsParents() throws Exception {
        Told told = run();
        try (ConfigurableApplicationContext child = child();
                ConfigurableApplicationContext sibling = child()) {
            CancelContext parents = background().root();
            CancelContext siblings = sibling.getBean(BackgroundContexts.class).root();
            child.stop();
            assertThat(parents.isCancelled()).isFalse();
            assertThat(siblings.isCancelled()).isFalse();
            child.close();
            assertThat(parents.isCancelled()).isFalse();
            assertThat(siblings.isCancelled()).isFalse();
            assertThat(nextRunHasEnded(told)).isFalse();
        }
    }

    private ConfigurableApplicationContext child() {
        return new SpringApplicationBuilder(Child.class)
                .web(WebApplicationType.NONE)
                .parent(application)
                .run();
    }
}
