// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;

/**
 * A wrapper that can send its calls through the guard of its connection. {@link Delegates} writes
 * calls of these methods, named as the constants of {@link JdbcCall}.
 */
abstract class GuardedWrapper extends JdbcWrapper {

    GuardedWrapper(Wrapper wrapped) {
        super(wrapped);
    }

    abstract ConnectionGuard guard();

    /** The driver's statement whose cancel ends a call of this wrapper's; null where there is none. */
    abstract @Nullable Statement running();

    final <T extends @Nullable Object> T reads(String name, Operation<T, SQLException> operation)
            throws SQLException {
        return guard().read(name, running(), operation);
    }

    final <T extends @Nullable Object> T asks(String name, Operation<T, SQLException> operation)
            throws SQLException {
        return guard().call(name, running(), operation);
    }

    final void asks(String name, SqlAction action) throws SQLException {
        guard().act(name, running(), action);
    }

    final void reads(String name, SqlAction action) throws SQLException {
        guard().read(
                        name,
                        running(),
                        () -> {
                            action.run();
                            return true;
                        });
    }

    final void sets(String name, SqlAction action) throws SQLException {
        guard().cleanUp(name, action);
    }
}
