// SPDX-License-Identifier: Apache-2.0
/**
 * Puts the embedded Tomcat on the engine: the {@code netpoll.*} properties, the choice between the
 * engine and Tomcat's NIO, and what is said when the engine cannot be had. No module imports it.
 */
@NullMarked
package dev.netpoll.autoconfigure;

import org.jspecify.annotations.NullMarked;
