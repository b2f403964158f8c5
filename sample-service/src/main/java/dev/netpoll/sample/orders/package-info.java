// SPDX-License-Identifier: Apache-2.0
/**
 * A small order service on PostgreSQL: what a blocking Spring application looks like, and what its
 * requests' contexts do for it without its knowing.
 */
@NullMarked
package dev.netpoll.sample.orders;

import org.jspecify.annotations.NullMarked;
