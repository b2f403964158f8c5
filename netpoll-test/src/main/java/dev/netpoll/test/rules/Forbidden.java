// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvent;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import java.util.function.Predicate;

/** Checks that no method makes such a call, unless it wraps what it hands over. */
final class Forbidden extends ArchCondition<JavaClass> {

    private final Predicate<JavaCodeUnitAccess<?>> call;
    private final String instead;

    Forbidden(Predicate<JavaCodeUnitAccess<?>> call, String instead) {
        super("not make calls that lose the context");
        this.call = call;
        this.instead = instead;
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (JavaCodeUnit method : type.getCodeUnits()) {
            if (!Calls.wraps(method)) {
                for (JavaAccess<?> access : method.getAccessesFromSelf()) {
                    if (access instanceof JavaCodeUnitAccess<?> found && call.test(found)) {
                        events.add(violated(type, found));
                    }
                }
            }
        }
    }

    private ConditionEvent violated(JavaClass type, JavaCodeUnitAccess<?> found) {
        return SimpleConditionEvent.violated(type, found.getDescription() + ": " + instead);
    }
}
