// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.core.annotation.AliasFor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * {@link ConditionalOnMissingBean} in this application context alone: a parent's beans are those of
 * another server.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
public @interface ConditionalOnMissingLocalBean {

    /** The names of the beans that must be missing; beans of the method's type, if there are none. */
    @AliasFor(annotation = ConditionalOnMissingBean.class)
    String[] name() default {};
}
