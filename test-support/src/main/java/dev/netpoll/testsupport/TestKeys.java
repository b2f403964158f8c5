// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.testsupport;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A fresh key and the certificate it signed itself.
 *
 * @param store a PKCS #12 file with both
 */
public record TestKeys(Path store) {

    public static final String PASSWORD = "changeit";

    private static final String ALIAS = "mykey";

    private static final int SECONDS = 60;

    /** For localhost. */
    public static TestKeys generate(Path directory) throws IOException, InterruptedException {
        return generate(directory, "localhost", "dns:localhost", "ip:127.0.0.1");
    }

    /** With {@code name} as its common name, for {@code alternatives} such as {@code dns:example.org}. */
    public static TestKeys generate(Path directory, String name, String... alternatives)
            throws IOException, InterruptedException {
        return generateWith(
                directory,
                name,
                alternatives.length == 0
                        ? List.of()
                        : List.of("SAN=" + String.join(",", alternatives)));
    }

    /** With extensions as keytool's {@code -ext} has them. */
    public static TestKeys generateWith(Path directory, String name, List<String> extensions)
            throws IOException, InterruptedException {
        Path store = directory.resolve(name + ".p12");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                ALIAS,
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=" + name,
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD));
        extensions.forEach(extension -> command.addAll(List.of("-ext", extension)));
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        if (!keytool.waitFor(SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool made no key");
        }
        return new TestKeys(store);
    }

    /** What makes a server use them, under Boot's {@code prefix}. */
    public String[] properties(String prefix) {
        return new String[] {
            prefix + ".key-store=" + store.toUri(), prefix + ".key-store-password=" + PASSWORD
        };
    }

    /** The certificate as PEM text. */
    public String certificatePem() throws IOException, GeneralSecurityException {
        return pem("CERTIFICATE", open().getCertificate(ALIAS).getEncoded());
    }

    /** The private key as PEM text. */
    public String keyPem() throws IOException, GeneralSecurityException {
        return pem("PRIVATE KEY", open().getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
    }

    /** Writes both as PEM text: {@code name.crt} and {@code name.key} in {@code directory}. */
    public void writePem(Path directory, String name) throws IOException, GeneralSecurityException {
        Files.writeString(directory.resolve(name + ".crt"), certificatePem());
        Files.writeString(directory.resolve(name + ".key"), keyPem());
    }

    /** A PKCS #12 file beside the other, of the certificate alone: for what is to trust it. */
    public Path trustStore() throws IOException, GeneralSecurityException {
        Path file = store.resolveSibling(store.getFileName() + ".trusted");
        KeyStore trusted = trusted(this);
        try (OutputStream out = Files.newOutputStream(file)) {
            trusted.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    private static String pem(String type, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    /** A client's context that trusts {@code servers} and nothing else, and shows no certificate. */
    public static SSLContext trusting(TestKeys... servers)
            throws IOException, GeneralSecurityException {
        return context(null, servers);
    }

    /** As {@link #trusting}, and shows these when it is asked for a certificate. */
    public SSLContext showing(TestKeys... servers) throws IOException, GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(open(), PASSWORD.toCharArray());
        return context(keys, servers);
    }

    private static SSLContext context(KeyManagerFactory keys, TestKeys... servers)
            throws IOException, GeneralSecurityException {
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted(servers));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore trusted(TestKeys... keys) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (int i = 0; i < keys.length; i++) {
            trusted.setCertificateEntry("trusted-" + i, keys[i].open().getCertificate(ALIAS));
        }
        return trusted;
    }

    /** A TLS connection to this host that trusts them and nothing else. */
    public Socket connect(int port) throws IOException, GeneralSecurityException {
        return trusting(this)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    }

    private KeyStore open() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }
}
