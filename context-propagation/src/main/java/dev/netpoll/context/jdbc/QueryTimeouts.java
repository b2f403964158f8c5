// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;

/**
 * The driver's query timeouts of one connection's statements. A call under a deadline gets one that ends
 * a second or two behind it, unless the statement has a shorter one; afterwards the statement has what
 * it had before.
 *
 * <p>What it had is asked for each time and never remembered: it may be the driver's default, the
 * setting of a pool or of the last user of a statement that a pool keeps, or set on the unwrapped
 * statement. Drivers hold it in a field. H2 does not: its timeout is the session's, setting it takes a
 * command to the database, and its answer does not know of one that SQL has set. So H2's is left alone,
 * as is that of a driver that has none.
 *
 * <p>Used under the lock of the connection's guard.
 */
final class QueryTimeouts {

    private static final Logger LOG = System.getLogger(QueryTimeouts.class.getName());

    private static final int SECONDS_OF_A_DAY = 86_400;
    private static final int UNTOUCHED = -1;

    private static final @Nullable Class<?> OF_THE_SESSION =
            DriverTypes.find("org.h2.jdbc.JdbcConnection");

    private boolean usable;

    QueryTimeouts(Connection connection) {
        this.usable = !isOfTheSession(connection);
    }

    private static boolean isOfTheSession(Connection connection) {
        try {
            return OF_THE_SESSION != null && connection.isWrapperFor(OF_THE_SESSION);
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "The connection does not tell its driver", e);
            return false;
        }
    }

    /**
     * Whole seconds, one to two behind the current context's deadline. Zero for no deadline, and for one
     * that is more than a day away.
     */
    static int behindTheDeadline() {
        CancelContext context = CancelContext.currentOrNull();
        Deadline deadline = context == null ? null : context.deadline();
        if (deadline == null) {
            return 0;
        }
        long left = deadline.remaining().toSeconds();
        return left > SECONDS_OF_A_DAY ? 0 : (int) left + 2;
    }

    /**
     * Sets a query timeout of no more than {@code seconds}; answers what to {@linkplain #putBack put back}. A
     * driver that takes none is left alone: the call itself will tell what is wrong, if it is.
     */
    int tighten(Statement statement, int seconds) {
        if (!usable) {
            return UNTOUCHED;
        }
        try {
            int before = statement.getQueryTimeout();
            if (before > 0 && before <= seconds) {
                return UNTOUCHED;
            }
            statement.setQueryTimeout(seconds);
            return before;
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "The driver takes no query timeout", e);
            usable = !(e instanceof SQLFeatureNotSupportedException);
            return UNTOUCHED;
        }
    }

    /** Sets the query timeout that {@link #tighten} has answered. */
    void putBack(Statement statement, int before) {
        if (before == UNTOUCHED) {
            return;
        }
        try {
            statement.setQueryTimeout(before);
        } catch (SQLException closedByItself) {
            LOG.log(Level.DEBUG, "The query timeout was not put back", closedByItself);
        }
    }
}
