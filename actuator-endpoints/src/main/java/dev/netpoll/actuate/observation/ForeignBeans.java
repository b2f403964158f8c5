// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.type.MethodMetadata;
import org.springframework.util.ClassUtils;

import java.util.List;

/** Finds beans that neither Spring Boot nor netpoll has declared, by their definitions alone. */
final class ForeignBeans {

    private static final List<String> KNOWN =
            List.of(
                    "org.springframework.boot.",
                    "dev.netpoll.autoconfigure.actuate.NetpollObservationAutoConfiguration");

    private final ConfigurableListableBeanFactory beans;

    ForeignBeans(ConfigurableListableBeanFactory beans) {
        this.beans = beans;
    }

    /** Returns the first that is of one of {@code types}, in words; null when there is none. */
    @Nullable String first(List<String> types) {
        for (String type : types) {
            String name = firstOf(type);
            if (name != null) {
                return "the " + ClassUtils.getShortName(type) + " '" + name + "'";
            }
        }
        return null;
    }

    private @Nullable String firstOf(String type) {
        ClassLoader loader = beans.getBeanClassLoader();
        if (!ClassUtils.isPresent(type, loader)) {
            return null;
        }
        Class<?> resolved = ClassUtils.resolveClassName(type, loader);
        for (String name :
                BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, resolved, true, false)) {
            if (!isKnown(name)) {
                return name;
            }
        }
        return null;
    }

    private boolean isKnown(String name) {
        if (!beans.containsBeanDefinition(name)
                || !(beans.getBeanDefinition(name) instanceof AnnotatedBeanDefinition definition)) {
            return false;
        }
        MethodMetadata method = definition.getFactoryMethodMetadata();
        return method != null
                && KNOWN.stream().anyMatch(method.getDeclaringClassName()::startsWith);
    }
}
