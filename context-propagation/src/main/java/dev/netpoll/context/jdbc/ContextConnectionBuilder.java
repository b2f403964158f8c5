// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc;

import java.sql.Connection;
import java.sql.ConnectionBuilder;
import java.sql.SQLException;
import java.sql.ShardingKey;

/** Builds guarded connections with the pool's builder. Confined to one thread. */
final class ContextConnectionBuilder implements ConnectionBuilder {

    private final ConnectionBuilder builder;
    private final ContextConnections connections;

    ContextConnectionBuilder(ConnectionBuilder builder, ContextConnections connections) {
        this.builder = builder;
        this.connections = connections;
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
        return connections.get(builder::build);
    }
}
