package dev.netpoll.web;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A handler whose thread is not interrupted when its request's context ends early: it watches {@link
 * dev.netpoll.context.CancelContext#current()} itself, or calls what an interrupt would break. All
 * else about the end stays: the client is answered, what was registered is cancelled.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Uninterrupted {}
