// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a handler whose thread is not interrupted when its request's context ends early, because it watches
 * {@link dev.netpoll.context.CancelContext#current()} itself or calls code that an interrupt would break.
 * Everything else about the end stays: the client is answered, registered hooks run.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Uninterrupted {}
