// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.TestKeys;

import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLHostConfigCertificate.Type;
import org.apache.tomcat.util.net.jsse.JSSEImplementation;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.logging.LogRecord;

import javax.net.ssl.SSLContext;

/**
 * A connector of another test over TLS, with a key made for this JVM.
 *
 * @param plain the same without TLS
 * @param habits how records begin that it logs over TLS, and that are no finding
 * @param implementation Tomcat's name of it; null for the JDK's
 */
record TlsUnderTest(ConnectorUnderTest plain, Set<String> habits, @Nullable String implementation)
        implements ConnectorUnderTest {

    TlsUnderTest(ConnectorUnderTest plain) {
        this(plain, Set.of());
    }

    TlsUnderTest(ConnectorUnderTest plain, Set<String> habits) {
        this(plain, habits, null);
    }

    /** By name: once OpenSSL has been loaded into a JVM it is Tomcat's default there. */
    private static final String JDKS = JSSEImplementation.class.getName();

    /** Of the servers. */
    static final TestKeys KEYS = keys("localhost", "dns:localhost", "ip:127.0.0.1", "ip:::1");

    private static final SSLContext CLIENTS = trusting(KEYS);

    /** Fresh ones, deleted with the JVM. */
    static TestKeys keys(String name, String... alternatives) {
        try {
            Path directory = Files.createTempDirectory("netpoll-keys");
            TestKeys keys = TestKeys.generate(directory, name, alternatives);
            directory.toFile().deleteOnExit();
            keys.store().toFile().deleteOnExit();
            return keys;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static Path trustStore(TestKeys keys) {
        try {
            Path store = keys.trustStore();
            store.toFile().deleteOnExit();
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static SSLContext trusting(TestKeys... servers) {
        try {
            return TestKeys.trusting(servers);
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The settings of a host that shows {@code keys}. */
    static SSLHostConfig host(String name, TestKeys keys) {
        SSLHostConfig host = new SSLHostConfig();
        host.setHostName(name);
        SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host, Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(keys.store().toString());
        certificate.setCertificateKeystorePassword(TestKeys.PASSWORD);
        host.addCertificate(certificate);
        return host;
    }

    @Override
    public String protocol() {
        return plain.protocol();
    }

    @Override
    public String name() {
        return plain.name() + " over TLS" + (implementation == null ? "" : " by " + implementation);
    }

    @Override
    public String threads() {
        return OpenSsl.BINDING.equals(implementation) ? "https-opensslffm" : "https-jsse";
    }

    @Override
    public SSLContext tls() {
        return CLIENTS;
    }

    @Override
    public void tune(Connector connector) {
        tune(connector, host("_default_", KEYS));
    }

    /** With {@code host} for the default. */
    void tune(Connector connector, SSLHostConfig host) {
        plain.tune(connector);
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        connector.setProperty(
                "sslImplementationName", implementation == null ? JDKS : implementation);
        connector.addSslHostConfig(host);
    }

    @Override
    public long connectionsWhenIdle() {
        return plain.connectionsWhenIdle();
    }

    @Override
    public boolean resetsAfterGoAway() {
        return plain.resetsAfterGoAway();
    }

    @Override
    public boolean forgetsUpgradesOverTls() {
        return plain.forgetsUpgradesOverTls();
    }

    @Override
    public boolean forgetsSessionsThatSend() {
        return plain.forgetsSessionsThatSend();
    }

    /** Tomcat warns of every host that has TLS 1.3 and only wants a client's certificate. */
    @Override
    public boolean isKnownNoise(LogRecord record) {
        String message = String.valueOf(record.getMessage());
        return plain.isKnownNoise(record)
                || message.startsWith("The JSSE TLS 1.3 implementation")
                || habits.stream().anyMatch(message::startsWith);
    }
}
