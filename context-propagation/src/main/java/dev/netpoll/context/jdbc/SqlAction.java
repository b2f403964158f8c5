package dev.netpoll.context.jdbc;

import java.sql.SQLException;

/** A call of JDBC's without a result. */
@FunctionalInterface
interface SqlAction {

    void run() throws SQLException;
}
