// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.InterruptScope;
import dev.netpoll.context.task.TaskGroup;

import java.util.List;
import java.util.Set;

/**
 * Checks that a method which opens something also ends it, or hands it on. A {@code try} with resources is a call of {@code close} like any other.
 */
final class Ended extends ArchCondition<JavaClass> {

    /** Something to be ended, and the methods that do. */
    private record Opened(Class<?> type, Set<String> ends) {}

    private static final List<Opened> OPENED =
            List.of(
                    new Opened(
                            CancelScope.class,
                            Set.of("close", "cancel", "complete", "tryComplete")),
                    new Opened(TaskGroup.class, Set.of("close")),
                    new Opened(Binding.class, Set.of("close")),
                    new Opened(InterruptScope.class, Set.of("close")));

    /** They answer with what they were called on. */
    private static final Set<String> SETTERS = Set.of("limit");

    Ended() {
        super("end what they open");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (JavaCodeUnit method : type.getCodeUnits()) {
            for (Opened opened : OPENED) {
                if (!isEnded(method, opened)) {
                    method.getMethodCallsFromSelf().stream()
                            .filter(call -> opens(call, opened))
                            .forEach(call -> events.add(violated(type, call, opened)));
                }
            }
        }
    }

    /** Only this library's own methods: another's answers with what is its own. */
    private static boolean opens(JavaMethodCall call, Opened opened) {
        MethodCallTarget target = call.getTarget();
        return target.getRawReturnType().isEquivalentTo(opened.type())
                && target.getOwner().getPackageName().startsWith("dev.netpoll.context")
                && !SETTERS.contains(target.getName());
    }

    private static boolean isEnded(JavaCodeUnit method, Opened opened) {
        JavaClass returned = method.getRawReturnType();
        return returned.isAssignableFrom(opened.type()) && !returned.isEquivalentTo(Object.class)
                || method.getCallsFromSelf().stream()
                        .anyMatch(call -> ends(call, opened) || Calls.takes(call, opened.type()));
    }

    private static boolean ends(JavaCall<?> call, Opened opened) {
        JavaClass owner = call.getTargetOwner();
        return opened.ends().contains(call.getName())
                && (owner.isEquivalentTo(opened.type())
                        || owner.isEquivalentTo(AutoCloseable.class));
    }

    private static ConditionEvent violated(JavaClass type, JavaMethodCall call, Opened opened) {
        return SimpleConditionEvent.violated(
                type,
                call.getDescription()
                        + ": open it in try (…), or end this "
                        + opened.type().getSimpleName()
                        + " in a finally block");
    }
}
