// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import static dev.netpoll.context.jdbc.JdbcCall.ASKS;
import static dev.netpoll.context.jdbc.JdbcCall.LOCAL;
import static dev.netpoll.context.jdbc.JdbcCall.READS;
import static dev.netpoll.context.jdbc.JdbcCall.SETS;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/**
 * The table of the JDBC methods that no wrapper overrides: how each is treated under a context. By name,
 * and where the overloads differ by name and number of parameters. A method counts as one that goes to
 * the database if it does so in one of the usual drivers. A method that is not in the table, of a later
 * JDBC or a driver's own interface, is guarded; a test finds those of JDBC.
 */
final class JdbcSurface {

    private static final Map<Class<?>, Map<String, JdbcCall>> DECIDED =
            Map.of(
                    Connection.class, connection(),
                    Statement.class, statement(),
                    PreparedStatement.class, preparedStatement(),
                    CallableStatement.class, callableStatement(),
                    ResultSet.class, resultSet(),
                    // The labels are asked for once a row, and come with the rows.
                    ResultSetMetaData.class,
                            table().are(LOCAL, "getColumnCount getColumnLabel getColumnName").map,
                    ParameterMetaData.class, table().are(LOCAL, "getParameterCount").map,
                    DatabaseMetaData.class, Map.of());

    private JdbcSurface() {}

    /** How {@code method} is treated. */
    static JdbcCall of(Method method) {
        JdbcCall decided = decidedOrNull(method);
        return decided == null ? ASKS : decided;
    }

    static @Nullable JdbcCall decidedOrNull(Method method) {
        Class<?> type = method.getDeclaringClass();
        Map<String, JdbcCall> table = DECIDED.get(type);
        if (table == null) {
            return null;
        }
        String name = method.getName();
        JdbcCall decided = table.get(name + "/" + method.getParameterCount());
        if (decided == null) {
            decided = table.get(name);
        }
        if (type == CallableStatement.class && decided == LOCAL && isByName(method)) {
            return READS;
        }
        return decided == null ? ofTheRest(type, name) : decided;
    }

    /** SQL Server's driver asks the database for the parameters when first one is named. */
    private static boolean isByName(Method method) {
        Class<?>[] parameters = method.getParameterTypes();
        return parameters.length > 0 && parameters[0] == String.class;
    }

    private static @Nullable JdbcCall ofTheRest(Class<?> type, String name) {
        if (type == DatabaseMetaData.class) {
            return ASKS;
        }
        if (type == ResultSetMetaData.class || type == ParameterMetaData.class) {
            return READS;
        }
        // PostgreSQL asks for the primary key with the first change of a row.
        return type == ResultSet.class && name.startsWith("update") ? ASKS : null;
    }

    /** What a guarded call is named in reports: one of a few words. */
    static String callName(Method method) {
        Class<?> type = method.getDeclaringClass();
        if (type == ResultSet.class) {
            return "change";
        }
        return PreparedStatement.class.isAssignableFrom(type) ? "bind" : method.getName();
    }

    /** The decided names of {@code type}, for a test that looks for ones that no longer exist. */
    static Map<String, JdbcCall> tableOf(Class<?> type) {
        return DECIDED.getOrDefault(type, Map.of());
    }

    private static Map<String, JdbcCall> connection() {
        return table().are(LOCAL, "nativeSQL getAutoCommit isClosed clearWarnings")
                .are(LOCAL, "getTypeMap setTypeMap getHoldability setHoldability")
                .are(LOCAL, "abort setNetworkTimeout getNetworkTimeout")
                .are(READS, "isReadOnly getCatalog getSchema getTransactionIsolation")
                .are(READS, "getClientInfo getWarnings")
                .are(ASKS, "createArrayOf createStruct createBlob createClob createNClob")
                .are(ASKS, "createSQLXML setShardingKey setShardingKeyIfValid")
                .are(SETS, "setReadOnly setTransactionIsolation setSchema setCatalog")
                .are(SETS, "beginRequest endRequest")
                .map;
    }

    /** {@code cancel} comes from another thread than the call that it ends. */
    private static Map<String, JdbcCall> statement() {
        return table().are(LOCAL, "cancel isClosed addBatch clearBatch clearWarnings")
                .are(LOCAL, "getMaxFieldSize setMaxFieldSize getMaxRows setMaxRows")
                .are(LOCAL, "getLargeMaxRows setLargeMaxRows setEscapeProcessing setCursorName")
                .are(LOCAL, "getUpdateCount getLargeUpdateCount")
                .are(LOCAL, "setFetchDirection getFetchDirection setFetchSize getFetchSize")
                .are(LOCAL, "getResultSetConcurrency getResultSetType getResultSetHoldability")
                .are(LOCAL, "isPoolable setPoolable closeOnCompletion isCloseOnCompletion")
                .are(LOCAL, "enquoteLiteral enquoteNCharLiteral isSimpleIdentifier")
                .are(READS, "getWarnings getQueryTimeout enquoteIdentifier")
                .are(SETS, "setQueryTimeout")
                .map;
    }

    /** A type that is named, or a value that carries one, may have to be looked up in the database. */
    private static Map<String, JdbcCall> preparedStatement() {
        return values().are(LOCAL, "addBatch clearParameters setUnicodeStream")
                .are(ASKS, "setArray setRef")
                .map;
    }

    private static Map<String, JdbcCall> callableStatement() {
        return values().are(LOCAL, "registerOutParameter wasNull")
                .are(
                        LOCAL,
                        "getString getBoolean getByte getShort getInt getLong getFloat getDouble")
                .are(LOCAL, "getBigDecimal getBytes getDate getTime getTimestamp getNString getURL")
                .are(LOCAL, "getRef getBlob getClob getNClob getArray getRowId getSQLXML")
                .are(LOCAL, "getCharacterStream getNCharacterStream")
                .are(ASKS, "setObject")
                .map;
    }

    /** What sets parameters. PostgreSQL's driver writes a LOB to the database when it is set. */
    private static Table values() {
        return table().are(LOCAL, "setNull/2 setString setBoolean setByte setShort setInt setLong")
                .are(LOCAL, "setFloat setDouble setBigDecimal setBytes setNString setURL setRowId")
                .are(LOCAL, "setDate setTime setTimestamp setAsciiStream setBinaryStream")
                .are(LOCAL, "setCharacterStream setNCharacterStream")
                .are(ASKS, "setNull/3 setBlob setClob setNClob setSQLXML");
    }

    /** Getters read the row that is here; what they return may go on reading, unguarded. */
    private static Map<String, JdbcCall> resultSet() {
        return table().are(LOCAL, "wasNull findColumn isClosed getWarnings clearWarnings")
                .are(
                        LOCAL,
                        "getString getBoolean getByte getShort getInt getLong getFloat getDouble")
                .are(LOCAL, "getBigDecimal getBytes getDate getTime getTimestamp getNString getURL")
                .are(LOCAL, "getRef getBlob getClob getNClob getArray getRowId getSQLXML")
                .are(LOCAL, "getAsciiStream getUnicodeStream getBinaryStream getCharacterStream")
                .are(LOCAL, "getNCharacterStream getCursorName getHoldability getConcurrency")
                .are(LOCAL, "getType setFetchDirection getFetchDirection getFetchSize")
                .are(LOCAL, "rowUpdated rowInserted rowDeleted moveToCurrentRow cancelRowUpdates")
                .are(ASKS, "moveToInsertRow")
                .map;
    }

    private static Table table() {
        return new Table(new HashMap<>());
    }

    private record Table(Map<String, JdbcCall> map) {

        Table are(JdbcCall what, String names) {
            for (String name : names.split(" ")) {
                map.put(name, what);
            }
            return this;
        }
    }
}
