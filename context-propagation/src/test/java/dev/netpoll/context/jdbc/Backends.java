// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;

/** What the server says its other connections are doing. Confined to one thread. */
final class Backends implements AutoCloseable {

    private final Connection connection;
    private final Statement statement;

    Backends(PostgresContainer.Server server) throws SQLException {
        connection = server.connect();
        statement = connection.createStatement();
    }

    /** How many run a query like this. */
    int running(String like) {
        String sql =
                "select count(*) from pg_stat_activity where state = 'active'"
                        + " and pid <> pg_backend_pid() and query like '%"
                        + like
                        + "%'";
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The process ids of all connections but this, once there are so many: those that an earlier test
     * has closed are gone a moment later.
     */
    Set<Integer> awaitOnly(int connections) {
        Bounded.until(() -> pids().size() == connections);
        return pids();
    }

    /** The process ids of all connections but this. */
    Set<Integer> pids() {
        Set<Integer> pids = new TreeSet<>();
        String sql =
                "select pid from pg_stat_activity where backend_type = 'client backend'"
                        + " and pid <> pg_backend_pid()";
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                pids.add(rows.getInt(1));
            }
            return pids;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
