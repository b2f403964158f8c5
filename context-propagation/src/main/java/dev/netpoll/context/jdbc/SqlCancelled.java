// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelledException;

import java.sql.ClientInfoStatus;
import java.sql.SQLClientInfoException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Makes the exceptions that report a context's end to JDBC's callers: an {@link SQLException} with
 * the SQLSTATE of a cancelled query, whose cause is the {@link CancelledException}. A deadline is
 * an {@link SQLTimeoutException}. Spring makes a {@code QueryTimeoutException} of either.
 */
final class SqlCancelled {

    /** {@code query_canceled}. */
    static final String STATE = "57014";

    private SqlCancelled() {}

    /** For a call that was not even begun. */
    static SQLException notBegun(String call, CancelCause cause) {
        return build(call + " was not begun: " + cause.message(), 0, cause);
    }

    /** For a call that was made in vain. */
    static SQLException tooLate(String call, CancelCause cause) {
        return build(call + " was too late: " + cause.message(), 0, cause);
    }

    /** For a call that ended like this because it was cancelled. */
    static SQLException ended(String call, CancelCause cause, Exception original) {
        if (isOurs(original)) {
            return (SQLException) original;
        }
        int vendorCode = original instanceof SQLException sql ? sql.getErrorCode() : 0;
        SQLException cancelled =
                build(call + " was cancelled: " + cause.message(), vendorCode, cause);
        cancelled.addSuppressed(original);
        return cancelled;
    }

    /** {@code error} as {@code setClientInfo} declares it, of the properties that were not set. */
    static SQLClientInfoException ofClientInfo(SQLException error, Set<String> properties) {
        if (error instanceof SQLClientInfoException declared) {
            return declared;
        }
        Map<String, ClientInfoStatus> failed = new HashMap<>();
        properties.forEach(name -> failed.put(name, ClientInfoStatus.REASON_UNKNOWN));
        Throwable cause = error.getCause() instanceof CancelledException e ? e : error;
        SQLClientInfoException declared =
                new SQLClientInfoException(
                        error.getMessage(),
                        error.getSQLState(),
                        error.getErrorCode(),
                        failed,
                        cause);
        for (Throwable suppressed : error.getSuppressed()) {
            declared.addSuppressed(suppressed);
        }
        return declared;
    }

    /** A data source behind ours may have been wrapped as well. */
    private static boolean isOurs(Exception original) {
        return original instanceof SQLException
                && original.getCause() instanceof CancelledException;
    }

    /** Whether a driver says by this that the call was cancelled or timed out. */
    static boolean isLike(SQLException error) {
        for (SQLException each = error; each != null; each = each.getNextException()) {
            if (each instanceof SQLTimeoutException || STATE.equals(each.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static SQLException build(String message, int vendorCode, CancelCause cause) {
        CancelledException because = cause.toException();
        return cause.isDeadline()
                ? new SQLTimeoutException(message, STATE, vendorCode, because)
                : new SQLException(message, STATE, vendorCode, because);
    }
}
