// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Matches unless {@code netpoll.enabled} is {@code false}: then nothing of the starter is there. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ConditionalOnBooleanProperty(name = "netpoll.enabled", matchIfMissing = true)
public @interface ConditionalOnNetpoll {}
