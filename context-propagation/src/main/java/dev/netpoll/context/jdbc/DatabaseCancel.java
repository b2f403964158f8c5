// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Tells a database to stop what a connection is doing, from a thread that is not the connection's.
 * Returns when the database has taken the cancel, as far as the driver can know.
 *
 * <p>JDBC's way is {@link Statement#cancel()}. PostgreSQL's driver has a better one of its own, {@code
 * PGConnection.cancelQuery()}: its {@code Statement.cancel()} works once per execution, so that a cancel
 * the server had to ignore could not be sent again, and does nothing while a cursor is fetched. Both
 * wait until the server has closed the cancel's own socket, which it does after the signal has been
 * delivered: that is what the fence of {@link GuardedCall} stands on. The driver is looked up by name.
 *
 * <p>Immutable; any thread.
 */
final class DatabaseCancel {

    private record DriverWay(Class<?> connectionType, MethodHandle cancel) {}

    private static final @Nullable DriverWay POSTGRES = postgres();

    private DatabaseCancel() {}

    /**
     * Sends one cancel.
     *
     * @param statement the one that runs, where the call is a statement's
     * @return false if there is nothing that could be sent
     */
    static boolean send(Connection connection, @Nullable Statement statement) throws SQLException {
        if (POSTGRES != null && connection.isWrapperFor(POSTGRES.connectionType)) {
            invoke(POSTGRES, connection.unwrap(POSTGRES.connectionType));
            return true;
        }
        if (statement == null) {
            return false;
        }
        statement.cancel();
        return true;
    }

    private static void invoke(DriverWay way, Object connection) throws SQLException {
        try {
            way.cancel.invoke(connection);
        } catch (SQLException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new SQLException("The driver failed to send a cancel", e);
        }
    }

    private static @Nullable DriverWay postgres() {
        Class<?> type = DriverTypes.find("org.postgresql.PGConnection");
        if (type == null) {
            return null;
        }
        try {
            return new DriverWay(
                    type,
                    MethodHandles.publicLookup()
                            .findVirtual(type, "cancelQuery", MethodType.methodType(void.class)));
        } catch (ReflectiveOperationException tooOld) {
            return null;
        }
    }
}
