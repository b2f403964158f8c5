// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaConstructorCall;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.task.ContextExecutors;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.stream.BaseStream;

/** Predicates on calls and method references by their target. */
final class Calls {

    private static final Set<String> THREAD_STARTS =
            Set.of("start", "unstarted", "startVirtualThread");

    private Calls() {}

    static boolean startsThread(JavaCodeUnitAccess<?> call) {
        JavaClass target = call.getTargetOwner();
        if (target.isAssignableTo(Thread.class)) {
            return constructs(call) ? !isSuperCall(call) : THREAD_STARTS.contains(call.getName());
        }
        return target.isAssignableTo(Thread.Builder.class)
                && THREAD_STARTS.contains(call.getName());
    }

    static boolean completesOnTheCommonPool(JavaCodeUnitAccess<?> call) {
        return call.getTargetOwner().isAssignableTo(CompletionStage.class)
                && call.getName().endsWith("Async")
                && !takes(call, Executor.class);
    }

    static boolean makesExecutor(JavaCodeUnitAccess<?> call) {
        JavaClass target = call.getTargetOwner();
        if (constructs(call)) {
            return !isSuperCall(call)
                    && (target.isEquivalentTo(ThreadPoolExecutor.class)
                            || target.isEquivalentTo(ScheduledThreadPoolExecutor.class)
                            || target.isEquivalentTo(ForkJoinPool.class));
        }
        return target.isEquivalentTo(Executors.class) && call.getName().startsWith("new");
    }

    static boolean goesParallel(JavaCodeUnitAccess<?> call) {
        JavaClass target = call.getTargetOwner();
        return call.getName().equals("parallelStream") && target.isAssignableTo(Collection.class)
                || call.getName().equals("parallel") && target.isAssignableTo(BaseStream.class);
    }

    /** Whether the method wraps something so that it carries a context. */
    static boolean wraps(JavaCodeUnit method) {
        return method.getMethodCallsFromSelf().stream()
                .filter(call -> call.getName().equals("wrap"))
                .anyMatch(
                        call ->
                                call.getTargetOwner().isAssignableTo(CancelContext.class)
                                        || call.getTargetOwner()
                                                .isEquivalentTo(ContextExecutors.class));
    }

    static boolean takes(JavaCodeUnitAccess<?> call, Class<?> type) {
        return call.getTarget().getRawParameterTypes().stream()
                .anyMatch(parameter -> parameter.isAssignableTo(type));
    }

    private static boolean constructs(JavaCodeUnitAccess<?> call) {
        return call.getName().equals(JavaConstructor.CONSTRUCTOR_NAME);
    }

    private static boolean isSuperCall(JavaCodeUnitAccess<?> call) {
        return call instanceof JavaConstructorCall
                && call.getOrigin().isConstructor()
                && call.getOriginOwner().isAssignableTo(call.getTargetOwner().getName());
    }
}
