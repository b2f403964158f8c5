// SPDX-License-Identifier: Apache-2.0
/** The Spring MVC application of the comparison: the same classes on every servlet server. */
@NullMarked
package dev.netpoll.benchmarks.peer.mvc;

import org.jspecify.annotations.NullMarked;
