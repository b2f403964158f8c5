// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.sql.SQLException;

/** A JDBC call without a result. */
@FunctionalInterface
interface SqlAction {

    void run() throws SQLException;
}
