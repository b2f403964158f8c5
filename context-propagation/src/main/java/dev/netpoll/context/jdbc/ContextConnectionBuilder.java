package dev.netpoll.context.jdbc;

import dev.netpoll.context.Operation;

import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.ShardingKey;

/** Builds guarded connections with the pool's builder. Confined to one thread. */
final class ContextConnectionBuilder implements ConnectionBuilder {

    /** Gets a connection under the context. */
    @FunctionalInterface
    interface Getting {
        Connection get(Operation<Connection, SQLException> operation) throws SQLException;
    }

    private final ConnectionBuilder builder;
    private final Getting getting;

    ContextConnectionBuilder(ConnectionBuilder builder, Getting getting) {
        this.builder = builder;
        this.getting = getting;
    }

    @Override
    public ConnectionBuilder user(String username) {
        builder.user(username);
        return this;
    }

    @Override
    public ConnectionBuilder password(String password) {
        builder.password(password);
        return this;
    }

    @Override
    public ConnectionBuilder shardingKey(ShardingKey key) {
        builder.shardingKey(key);
        return this;
    }

    @Override
    public ConnectionBuilder superShardingKey(ShardingKey key) {
        builder.superShardingKey(key);
        return this;
    }

    @Override
    public Connection build() throws SQLException {
        return getting.get(builder::build);
    }
}
