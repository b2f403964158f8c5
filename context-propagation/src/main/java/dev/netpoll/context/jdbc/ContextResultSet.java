// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.BitSet;
import java.util.Map;

/**
 * A result set under the calling thread's context; some of its rows may still be in the database.
 * {@link Delegates} adds the methods that are not here, most getters among them.
 *
 * <p>Where there is no fetch size, the driver has read all rows already and moving on costs nothing more
 * than before. Where there is one, any move may have to fetch, so each is guarded: the driver knows
 * which, and does not tell.
 */
abstract class ContextResultSet extends GuardedWrapper implements ResultSet {

    private static final MethodHandle NEW =
            Delegates.completing(MethodHandles.lookup(), ContextResultSet.class, ResultSet.class);

    private static final int ORACLE_CURSOR = -10; // before JDBC had a type for it

    private final ResultSet rows;
    private final ContextConnection connection;
    private final @Nullable Statement statement; // the driver's

    // The rest belongs to the thread that reads.
    private @Nullable Statement owner; // for the driver's own rows not before it is asked for
    private @Nullable ResultSetMetaData metaData; // likewise
    private @Nullable BitSet plain; // columns known to hold no cursor
    private boolean fetches;

    ContextResultSet(
            ResultSet rows,
            ContextConnection connection,
            @Nullable Statement statement,
            @Nullable Statement owner,
            boolean fetches) {
        super(rows);
        this.rows = rows;
        this.connection = connection;
        this.statement = statement;
        this.owner = owner;
        this.fetches = fetches;
    }

    /** The rows of a statement. */
    static ResultSet over(ResultSet rows, ContextStatement owner) throws SQLException {
        return make(rows, owner.connection(), owner.running(), owner);
    }

    /** Rows that the driver has made by itself, with a statement of its own or none. */
    static ResultSet around(ResultSet rows, ContextConnection connection) throws SQLException {
        return make(rows, connection, rows.getStatement(), null);
    }

    /** {@code value}, as an instance of {@code type}; wrapped if it is a cursor's rows. */
    static <T> @Nullable T aroundIfRows(
            Class<T> type, @Nullable T value, ContextConnection connection) throws SQLException {
        if (!(value instanceof ResultSet rows) || rows.isClosed()) {
            return value; // of closed rows, nothing else can be asked
        }
        ResultSet wrapped = around(rows, connection);
        return type.isInstance(wrapped) ? type.cast(wrapped) : value;
    }

    private static ResultSet make(
            ResultSet rows,
            ContextConnection connection,
            @Nullable Statement statement,
            @Nullable Statement owner)
            throws SQLException {
        boolean fetches = rows.getFetchSize() != 0;
        try {
            return (ContextResultSet) NEW.invokeExact(rows, connection, statement, owner, fetches);
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    @Override
    final ConnectionGuard guard() {
        return connection.guard();
    }

    @Override
    final @Nullable Statement running() {
        return statement;
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        if (owner == null && statement != null) {
            owner = ContextStatement.around(statement, connection);
        }
        return owner;
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        if (metaData == null) {
            metaData =
                    MetaDataCalls.around(
                            ResultSetMetaData.class, rows.getMetaData(), connection, statement);
        }
        return metaData;
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        rows.setFetchSize(size);
        fetches |= size != 0;
    }

    /** Closing may have to tell the database if rows are left there; the context cannot forbid it. */
    @Override
    public void close() throws SQLException {
        if (fetches) {
            sets("close", rows::close);
        } else {
            guard().unbroken(rows::close);
        }
    }

    // ---- moving

    @Override
    public boolean next() throws SQLException {
        return fetches ? fetch(rows::next) : rows.next();
    }

    @Override
    public boolean previous() throws SQLException {
        return fetches ? fetch(rows::previous) : rows.previous();
    }

    @Override
    public boolean first() throws SQLException {
        return fetches ? fetch(rows::first) : rows.first();
    }

    @Override
    public boolean last() throws SQLException {
        return fetches ? fetch(rows::last) : rows.last();
    }

    @Override
    public boolean absolute(int row) throws SQLException {
        return fetches ? fetch(() -> rows.absolute(row)) : rows.absolute(row);
    }

    @Override
    public boolean relative(int count) throws SQLException {
        return fetches ? fetch(() -> rows.relative(count)) : rows.relative(count);
    }

    @Override
    public boolean isLast() throws SQLException {
        return fetches ? fetch(rows::isLast) : rows.isLast();
    }

    @Override
    public boolean isFirst() throws SQLException {
        return fetches ? fetch(rows::isFirst) : rows.isFirst();
    }

    @Override
    public boolean isBeforeFirst() throws SQLException {
        return fetches ? fetch(rows::isBeforeFirst) : rows.isBeforeFirst();
    }

    @Override
    public boolean isAfterLast() throws SQLException {
        return fetches ? fetch(rows::isAfterLast) : rows.isAfterLast();
    }

    @Override
    public int getRow() throws SQLException {
        return fetches ? fetch(rows::getRow) : rows.getRow();
    }

    @Override
    public void beforeFirst() throws SQLException {
        move(rows::beforeFirst);
    }

    @Override
    public void afterLast() throws SQLException {
        move(rows::afterLast);
    }

    private void move(SqlAction move) throws SQLException {
        if (fetches) {
            asks("fetch", move);
        } else {
            move.run();
        }
    }

    private <T> T fetch(Operation<T, SQLException> move) throws SQLException {
        return asks("fetch", move);
    }

    // ---- values of any type: a cursor's rows are fetched by the getter, on PostgreSQL

    @Override
    public @Nullable Object getObject(int column) throws SQLException {
        return isPlain(column)
                ? rows.getObject(column)
                : value(column, Object.class, () -> rows.getObject(column));
    }

    @Override
    public @Nullable Object getObject(int column, Map<String, Class<?>> types) throws SQLException {
        return isPlain(column)
                ? rows.getObject(column, types)
                : value(column, Object.class, () -> rows.getObject(column, types));
    }

    @Override
    public <T> @Nullable T getObject(int column, Class<T> type) throws SQLException {
        return isPlain(column)
                ? rows.getObject(column, type)
                : value(column, type, () -> rows.getObject(column, type));
    }

    @Override
    public @Nullable Object getObject(String label) throws SQLException {
        return getObject(rows.findColumn(label));
    }

    @Override
    public @Nullable Object getObject(String label, Map<String, Class<?>> types)
            throws SQLException {
        return getObject(rows.findColumn(label), types);
    }

    @Override
    public <T> @Nullable T getObject(String label, Class<T> type) throws SQLException {
        return getObject(rows.findColumn(label), type);
    }

    private boolean isPlain(int column) {
        return plain != null && column >= 0 && plain.get(column);
    }

    /** Guarded until the column is known to be of a type that the driver knows, and no cursor's. */
    private <T> @Nullable T value(
            int column, Class<T> type, Operation<@Nullable T, SQLException> getter)
            throws SQLException {
        T value =
                reads(
                        "fetch",
                        () -> {
                            T read = getter.run();
                            if (read == null ? !isCursor(column) : !(read instanceof ResultSet)) {
                                markPlain(column);
                            }
                            return read;
                        });
        return aroundIfRows(type, value, connection);
    }

    private boolean isCursor(int column) throws SQLException {
        int type = rows.getMetaData().getColumnType(column);
        return type == Types.REF_CURSOR || type == ORACLE_CURSOR;
    }

    private void markPlain(int column) {
        if (plain == null) {
            plain = new BitSet();
        }
        plain.set(column);
    }

    // ---- changing

    @Override
    public void insertRow() throws SQLException {
        change(rows::insertRow);
    }

    @Override
    public void updateRow() throws SQLException {
        change(rows::updateRow);
    }

    @Override
    public void deleteRow() throws SQLException {
        change(rows::deleteRow);
    }

    @Override
    public void refreshRow() throws SQLException {
        change(rows::refreshRow);
    }

    private void change(SqlAction change) throws SQLException {
        asks("change", change);
    }
}
