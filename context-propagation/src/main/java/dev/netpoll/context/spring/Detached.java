// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an {@code @Async} method that does not end with its caller: it keeps the values of the
 * caller's context, and neither its deadline nor its end. Only its own future's cancel stops it.
 *
 * <p>Without it such a method is cancelled by the caller's deadline, by a client that leaves and by
 * the server's shutdown, but not when the caller's request completes.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Detached {

    /** False takes it back, where the class or the configuration detaches. */
    boolean value() default true;
}
