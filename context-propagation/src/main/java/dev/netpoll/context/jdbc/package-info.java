// SPDX-License-Identifier: Apache-2.0
/**
 * JDBC under a context: waiting for a connection ends with the context, a running statement is
 * cancelled in the database, and the connection goes back to its pool whole.
 *
 * <p>Read {@link dev.netpoll.context.jdbc.ContextDataSource} first, then {@code GuardedCall}, whose
 * head holds the state machine that keeps a late cancel away from the next statement. Works with any
 * pool and driver; knows of one driver's own way to cancel (PostgreSQL's, in {@code DatabaseCancel}).
 */
@NullMarked
package dev.netpoll.context.jdbc;

import org.jspecify.annotations.NullMarked;
