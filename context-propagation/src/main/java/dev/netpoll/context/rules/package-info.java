/**
 * ArchUnit rules for applications: what loses a request's context, or never ends one. Needs ArchUnit on
 * the test's classpath.
 */
@NullMarked
package dev.netpoll.context.rules;

import org.jspecify.annotations.NullMarked;
