// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.test.rules;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;

import dev.netpoll.context.CancelContext;

/** Checks that no field has a context's type. Variables that an anonymous class captures are not fields. */
final class NotKept extends ArchCondition<JavaClass> {

    NotKept() {
        super("not keep contexts");
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        for (JavaField field : type.getFields()) {
            if (field.getRawType().isAssignableTo(CancelContext.class)
                    && !field.getModifiers().contains(JavaModifier.SYNTHETIC)) {
                events.add(SimpleConditionEvent.violated(type, message(field)));
            }
        }
    }

    private static String message(JavaField field) {
        return field.getDescription()
                + " keeps a context in "
                + field.getSourceCodeLocation()
                + ": hand it on as an argument, or ask CancelContext.current() where it is needed";
    }
}
