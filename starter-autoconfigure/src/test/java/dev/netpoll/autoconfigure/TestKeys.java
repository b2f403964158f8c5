// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A fresh key and the certificate it signed itself, for localhost.
 *
 * @param store a PKCS #12 file with both
 */
record TestKeys(Path store) {

    private static final String PASSWORD = "changeit";

    static TestKeys generate(Path directory) throws IOException, InterruptedException {
        Path store = directory.resolve("localhost.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "SAN=dns:localhost,ip:127.0.0.1",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .inheritIO()
                        .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).isZero();
        return new TestKeys(store);
    }

    /** What makes a server use them, under Boot's {@code prefix}. */
    String[] properties(String prefix) {
        return new String[] {
            prefix + ".key-store=" + store.toUri(), prefix + ".key-store-password=" + PASSWORD
        };
    }

    /** A TLS connection to this host that trusts them and nothing else. */
    Socket connect(int port) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }
}
