// SPDX-License-Identifier: Apache-2.0
/**
 * Odd HTTP requests, generated and by name, sent to several servers with the same application; what they answer
 * otherwise than the first is collected, made small and printed.
 */
@NullMarked
package dev.netpoll.testsupport.differential;

import org.jspecify.annotations.NullMarked;
