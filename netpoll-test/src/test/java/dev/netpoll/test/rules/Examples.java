// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.task.ContextExecutors;
import dev.netpoll.context.task.TaskGroup;
import dev.netpoll.context.task.TaskPolicy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.Stream;

/** What the rules find and what they let pass; never run. */
@SuppressWarnings({"unused", "resource"})
final class Examples {

    private Examples() {}

    // ---- threads

    static class BareThread {
        void go(Runnable work) {
            new Thread(work).start();
        }
    }

    static class BareBuilder {
        void go(Runnable work) {
            Thread.ofVirtual().name("mine").start(work);
        }
    }

    static class BareVirtualThread {
        void go(Runnable work) {
            Thread.startVirtualThread(work);
        }
    }

    static class BareThreadByReference {
        ThreadFactory threads() {
            return Thread::new;
        }
    }

    static class BareThreadInALambda {
        Runnable later(Runnable work) {
            return () -> Thread.ofPlatform().unstarted(work);
        }
    }

    static class WrappedThread {
        void go(Runnable work) {
            Thread.ofVirtual().start(CancelContext.current().wrap(work));
        }
    }

    /** A class of threads is no thread yet. */
    static class OwnThread extends Thread {
        OwnThread(Runnable work) {
            super(work);
        }
    }

    // ---- futures

    static class BareFuture {
        CompletableFuture<String> go() {
            return CompletableFuture.supplyAsync(() -> "on the common pool");
        }
    }

    static class BareStage {
        CompletableFuture<Void> go(CompletableFuture<String> before) {
            return before.thenAcceptAsync(value -> {});
        }
    }

    static class WrappedFuture {
        CompletableFuture<String> go(ExecutorService executor) {
            return ContextExecutors.supplyAsync(() -> "x", executor, TaskPolicy.FOLLOW)
                    .thenApplyAsync(String::trim, executor);
        }
    }

    // ---- executors

    static class BareExecutor {
        ExecutorService executor() {
            return Executors.newVirtualThreadPerTaskExecutor();
        }
    }

    static class BarePool {
        Executor executor() {
            return new ForkJoinPool(4);
        }
    }

    static class WrappedExecutor {
        ExecutorService executor() {
            return ContextExecutors.wrap(Executors.newFixedThreadPool(4));
        }
    }

    /** An executor of another kind is no executor yet. */
    static class OwnPool extends ThreadPoolExecutor {
        OwnPool(ThreadPoolExecutor like) {
            super(1, 1, 1, java.util.concurrent.TimeUnit.SECONDS, like.getQueue());
        }
    }

    // ---- streams

    static class ParallelStream {
        long go(List<String> all) {
            return all.parallelStream().count();
        }
    }

    static class ParallelledStream {
        long go(Stream<String> all) {
            return all.parallel().count();
        }
    }

    static class SequentialStream {
        long go(List<String> all) {
            return all.stream().sequential().count();
        }
    }

    // ---- fields

    static class KeptContext {
        private final CancelContext context = CancelContext.current();
    }

    record KeptScope(CancelScope scope) {}

    static class NothingKept {
        private Deadline deadline;

        Runnable captured(CancelContext context) {
            return new Runnable() {
                @Override
                public void run() {
                    context.throwIfCancelled();
                }
            };
        }

        Callable<Boolean> captured() {
            CancelContext context = CancelContext.current();
            return context::isCancelled;
        }
    }

    // ---- scopes

    static class UnendedScope {
        String go(Callable<String> work) throws Exception {
            return CancelContext.current().withTimeout(Duration.ofSeconds(1)).call(work::call);
        }
    }

    static class UnclosedGroup {
        void go(Callable<String> work) throws InterruptedException {
            TaskGroup group = TaskGroup.open().limit(2);
            group.fork(work);
            group.join();
        }
    }

    static class UnclosedBinding {
        void go(CancelContext context) {
            context.bind();
        }
    }

    static class UnclosedInterrupts {
        void go(CancelContext context) {
            InterruptScope.open(context);
        }
    }

    static class EndedScopes {

        String triedWithResources(Callable<String> work) throws Exception {
            try (CancelScope scope = CancelContext.current().withCancel();
                    Binding _ = scope.bind();
                    InterruptScope _ = InterruptScope.open(scope);
                    TaskGroup group = TaskGroup.open(scope).limit(2)) {
                return group.fork(work).toString();
            }
        }

        void cancelled(Runnable work) {
            CancelScope scope = CancelContext.current().withOwnEnd();
            work.run();
            scope.cancel("enough");
        }

        CancelScope returned() {
            return CancelContext.current().withCancel();
        }

        void handedOn() {
            take(CancelContext.current().withCancel());
        }

        private void take(CancelScope scope) {
            scope.complete();
        }
    }
}
