/**
 * For tests: time that moves when told to, and contexts that end on demand. No test framework needed.
 */
@NullMarked
package dev.netpoll.context.testing;

import org.jspecify.annotations.NullMarked;
