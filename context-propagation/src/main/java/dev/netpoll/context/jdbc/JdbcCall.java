// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

/** How a JDBC method is treated under a context. */
enum JdbcCall {

    /** Stays in this process, or must not wait for the call under way: handed on as it is. */
    LOCAL,

    /** Reads, perhaps from the database: cancelled when the context ends, made all the same after that. */
    READS,

    /** Asks the database for work: cancelled when the context ends, refused after that. */
    ASKS,

    /** Sets the connection's state, perhaps in the database: made whatever the context says. */
    SETS
}
