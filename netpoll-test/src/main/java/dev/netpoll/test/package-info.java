// SPDX-License-Identifier: Apache-2.0
/**
 * For the tests of applications: time that moves when told to, and contexts that end on demand. No test framework needed.
 */
@NullMarked
package dev.netpoll.test;

import org.jspecify.annotations.NullMarked;
