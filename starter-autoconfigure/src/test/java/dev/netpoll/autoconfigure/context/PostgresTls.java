// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.testsupport.Bounded;
import dev.netpoll.testsupport.PostgresContainer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Switches TLS on in a PostgreSQL that runs, with a key made for it. */
final class PostgresTls {

    private static final char[] PASSWORD = "for-a-test".toCharArray();

    private PostgresTls() {}

    static void switchOn(PostgresContainer.Server server, Path directory)
            throws IOException, GeneralSecurityException, InterruptedException, SQLException {
        KeyStore keys = newKey(directory.resolve("key.p12"));
        String key = pem("PRIVATE KEY", keys.getKey("postgres", PASSWORD).getEncoded());
        String certificate = pem("CERTIFICATE", keys.getCertificate("postgres").getEncoded());
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            write(statement, key, "server.key");
            write(statement, certificate, "server.crt");
            statement.execute("alter system set ssl = on");
            statement.execute("select pg_reload_conf()");
        }
        Bounded.until("the server speaks TLS", () -> speaksTls(server));
    }

    /** In the server's data directory, which is its working directory. */
    private static void write(Statement statement, String text, String file) throws SQLException {
        statement.execute(
                "copy (select regexp_split_to_table('"
                        + text
                        + "', E'\\n')) to program 'cat > "
                        + file
                        + " && chmod 600 "
                        + file
                        + "'");
    }

    private static boolean speaksTls(PostgresContainer.Server server) {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            return statement.execute(
                            "select ssl from pg_stat_ssl where ssl and pid = pg_backend_pid()")
                    && statement.getResultSet().next();
        } catch (SQLException e) {
            return false;
        }
    }

    private static KeyStore newKey(Path store)
            throws IOException, GeneralSecurityException, InterruptedException {
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "postgres",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                new String(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        keytool.getInputStream().readAllBytes();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    private static String pem(String what, byte[] der) {
        String body =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
    }
}
