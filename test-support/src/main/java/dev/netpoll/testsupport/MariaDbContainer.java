// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import com.zaxxer.hikari.HikariDataSource;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

import java.net.InetSocketAddress;

/** A real MariaDB 10.11, to which MySQL's driver talks as well as its own. */
public final class MariaDbContainer extends ContainerServer<MariaDbContainer.Server> {

    public MariaDbContainer() {
        super(Server.class, Server::new);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        try {
            if (!DockerClientFactory.instance().isDockerAvailable()) {
                missing(context, "Docker is needed for %s and is not here", null);
            }
            server(context);
        } catch (RuntimeException e) {
            missing(
                    context,
                    "MariaDB is needed for %s and did not start; where no registry is reached,"
                            + " eval \"$(.ci/postgres-image.sh)\" first",
                    e);
        }
    }

    /** The running server. Stopped when the last test class is through. */
    public static final class Server implements AutoCloseable {

        private static final int PORT = 3306;
        private static final String NAME = "test";

        private final GenericContainer<?> container =
                new GenericContainer<>("mariadb:10.11")
                        .withEnv("MARIADB_DATABASE", NAME)
                        .withEnv("MARIADB_USER", NAME)
                        .withEnv("MARIADB_PASSWORD", NAME)
                        .withEnv("MARIADB_RANDOM_ROOT_PASSWORD", "yes")
                        .withExposedPorts(PORT);

        Server() {
            container.start();
        }

        public InetSocketAddress address() {
            return new InetSocketAddress(container.getHost(), container.getMappedPort(PORT));
        }

        /** A pool on it that has not connected yet; {@code driver} is the URL's second part. */
        public HikariDataSource pool(String driver, int size) {
            InetSocketAddress at = address();
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl(
                    "jdbc:%s://%s:%d/%s".formatted(driver, at.getHostString(), at.getPort(), NAME));
            pool.setUsername(NAME);
            pool.setPassword(NAME);
            pool.setMaximumPoolSize(size);
            // The port is open before the server is ready.
            pool.setInitializationFailTimeout(Bounded.PATIENCE.toMillis());
            return pool;
        }

        @Override
        public void close() {
            container.stop();
        }
    }
}
