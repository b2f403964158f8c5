package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Rows, some of which may still be in the database. {@link Delegates} adds the methods that are not here,
 * every getter among them.
 *
 * <p>Where there is no fetch size, the driver has read all rows already and moving on costs nothing more
 * than before. Where there is one, any move may have to fetch, so each is guarded: the driver knows
 * which, and does not tell.
 */
abstract class ContextResultSet extends JdbcWrapper implements ResultSet {

    private static final MethodHandle NEW =
            Delegates.completing(MethodHandles.lookup(), ContextResultSet.class, ResultSet.class);

    private final ResultSet rows;
    private final ContextStatement owner;
    private final Statement statement;
    private boolean fetches; // the thread that reads

    ContextResultSet(ResultSet rows, ContextStatement owner, Statement statement, boolean fetches) {
        super(rows);
        this.rows = rows;
        this.owner = owner;
        this.statement = statement;
        this.fetches = fetches;
    }

    static ResultSet over(ResultSet rows, ContextStatement owner, Statement statement)
            throws SQLException {
        boolean fetches = rows.getFetchSize() != 0;
        try {
            return (ContextResultSet) NEW.invokeExact(rows, owner, statement, fetches);
        } catch (Throwable e) {
            throw Delegates.failed(e);
        }
    }

    @Override
    public Statement getStatement() {
        return owner;
    }

    @Override
    public void setFetchSize(int size) throws SQLException {
        rows.setFetchSize(size);
        fetches |= size != 0;
    }

    /** Closing may have to tell the database, so the context cannot forbid it. */
    @Override
    public void close() throws SQLException {
        owner.guard().cleanUp("close", rows::close);
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

    private boolean fetch(Operation<Boolean, SQLException> move) throws SQLException {
        return owner.guard().call("fetch", statement, move);
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
        owner.guard().act("change", statement, change);
    }
}
