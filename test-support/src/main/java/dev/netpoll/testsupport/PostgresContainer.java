// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A real PostgreSQL 15. */
public final class PostgresContainer extends ContainerServer<PostgresContainer.Server> {

    /** Testcontainers' own patience has no end where it finds nothing to talk to. */
    private static final Duration BOUND = Duration.ofSeconds(120);

    public PostgresContainer() {
        super(Server.class, Server::new);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (isOwnImageHereUnannounced()) {
            missing(context, "%s needs: eval \"$(.ci/postgres-image.sh)\"", null);
        }
        FutureTask<Boolean> started = new FutureTask<>(() -> started(context));
        Thread.ofPlatform().daemon().name("postgres-start").start(started);
        try {
            if (!started.get(BOUND.toSeconds(), TimeUnit.SECONDS)) {
                missing(context, "Docker is needed for %s and is not here", null);
            }
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            missing(
                    context,
                    "PostgreSQL is needed for %s and did not start; where no registry is reached,"
                            + " eval \"$(.ci/postgres-image.sh)\" first",
                    e);
        }
    }

    private boolean started(ExtensionContext context) {
        return DockerClientFactory.instance().isDockerAvailable() && server(context) != null;
    }

    /**
     * Where we had to build an image of our own, Testcontainers left to itself looks for others, for
     * minutes.
     */
    private static boolean isOwnImageHereUnannounced() {
        if (System.getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX") != null) {
            return false;
        }
        try {
            return new ProcessBuilder("docker", "image", "inspect", "localhost/postgres:15")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noDocker) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The running server. Stopped when the last test class is through. */
    public static final class Server implements AutoCloseable {

        private final PostgreSQLContainer container =
                new PostgreSQLContainer("postgres:15")
                        .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=60");

        Server() {
            container.start();
        }

        public String host() {
            return container.getHost();
        }

        public int port() {
            return container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
        }

        public String url() {
            return container.getJdbcUrl();
        }

        public String username() {
            return container.getUsername();
        }

        public String password() {
            return container.getPassword();
        }

        /** A pool on it. */
        public HikariDataSource pool(int size) {
            return pool(size, container.getJdbcUrl());
        }

        /** A pool that comes to it by another port. */
        public HikariDataSource poolThrough(int port, int size) {
            return pool(size, "jdbc:postgresql://localhost:" + port + "/test");
        }

        private HikariDataSource pool(int size, String url) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(url);
            config.setUsername(container.getUsername());
            config.setPassword(container.getPassword());
            config.setMaximumPoolSize(size);
            return new HikariDataSource(config);
        }

        /** A connection of the test's own, beside any pool. */
        public Connection connect() throws SQLException {
            return DriverManager.getConnection(
                    container.getJdbcUrl(), container.getUsername(), container.getPassword());
        }

        @Override
        public void close() {
            container.stop();
        }
    }
}
