// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.sql.SQLException;
import java.sql.Wrapper;

/** The base of the wrappers: {@code unwrap} reaches the wrapped object, and what that wraps. */
abstract class JdbcWrapper implements Wrapper {

    private final Wrapper wrapped;

    JdbcWrapper(Wrapper wrapped) {
        this.wrapped = wrapped;
    }

    @Override
    public final <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        return type.isInstance(wrapped) ? type.cast(wrapped) : wrapped.unwrap(type);
    }

    @Override
    public final boolean isWrapperFor(Class<?> type) throws SQLException {
        return type.isInstance(this) || type.isInstance(wrapped) || wrapped.isWrapperFor(type);
    }

    @Override
    public final String toString() {
        return "context-aware " + wrapped;
    }
}
