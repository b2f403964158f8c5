// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.netpoll.testsupport.TestKeys;

import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLHostConfigCertificate.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import java.util.function.Consumer;

import javax.net.ssl.SSLException;

/** What a host may be set to: where its key is, and what it agrees to. */
abstract class TlsSettingsContract extends ServerContract {

    @Override
    protected abstract TlsUnderTest subject();

    private TestServer.Builder server(SSLHostConfig host) {
        return TestServer.on(subject().protocol())
                .connector(connector -> subject().tune(connector, host))
                .clientsOver(subject().tls())
                .onStart(this::closedAfterTheTest)
                .handle("/hello", (request, response) -> text(response, "hello"));
    }

    private TestServer start(Consumer<SSLHostConfig> settings) throws Exception {
        SSLHostConfig host = TlsUnderTest.host("_default_", TlsUnderTest.KEYS);
        settings.accept(host);
        return server(host).start();
    }

    // ---- keys -----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"JKS", "PKCS12"})
    void aKeyComesFromAStoreOfItsType(String type) throws Exception {
        Path file = storeOf(type);
        SSLHostConfig host = new SSLHostConfig();
        var certificate = new SSLHostConfigCertificate(host, Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(file.toString());
        certificate.setCertificateKeystoreType(type);
        certificate.setCertificateKeystorePassword(TestKeys.PASSWORD);
        host.addCertificate(certificate);

        assertThat(server(host).start().get("/hello").text()).isEqualTo("hello");
    }

    /** The servers' key in a store of another type. */
    private static Path storeOf(String type) throws Exception {
        char[] password = TestKeys.PASSWORD.toCharArray();
        KeyStore from = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(TlsUnderTest.KEYS.store())) {
            from.load(in, password);
        }
        KeyStore to = KeyStore.getInstance(type);
        to.load(null, password);
        for (String alias : Collections.list(from.aliases())) {
            to.setKeyEntry(
                    alias, from.getKey(alias, password), password, from.getCertificateChain(alias));
        }
        Path file = Files.createTempFile("netpoll", "." + type);
        file.toFile().deleteOnExit();
        try (OutputStream out = Files.newOutputStream(file)) {
            to.store(out, password);
        }
        return file;
    }

    @Test
    void aKeyComesFromPemFiles() throws Exception {
        Path directory = Files.createTempDirectory("netpoll-pem");
        TlsUnderTest.KEYS.writePem(directory, "server");
        SSLHostConfig host = new SSLHostConfig();
        var certificate = new SSLHostConfigCertificate(host, Type.UNDEFINED);
        certificate.setCertificateFile(directory.resolve("server.crt").toString());
        certificate.setCertificateKeyFile(directory.resolve("server.key").toString());
        host.addCertificate(certificate);

        assertThat(server(host).start().get("/hello").text()).isEqualTo("hello");

        Files.delete(directory.resolve("server.crt"));
        Files.delete(directory.resolve("server.key"));
        Files.delete(directory);
    }

    // ---- what is agreed to ----------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"TLSv1.2, TLSv1.3", "TLSv1.3, TLSv1.2"})
    void aVersionThatIsNotEnabledIsRefusedAndTheOtherServed(String enabled, String other)
            throws Exception {
        TestServer server = start(host -> host.setProtocols(enabled));

        assertThat(agreed(server, enabled)).isEqualTo(enabled);
        assertThatThrownBy(() -> agreed(server, other)).isInstanceOf(SSLException.class);
        assertThat(agreed(server, enabled)).isEqualTo(enabled);
        awaitNoConnections(server);
    }

    private static String agreed(TestServer server, String version) throws IOException {
        try (RawClient client = TlsContract.version(server.client(), version)) {
            assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            return client.tls().getSession().getProtocol();
        }
    }

    @Test
    void onlyTheCiphersOfTheHostAreAgreedTo() throws Exception {
        String suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        TestServer server =
                start(
                        host -> {
                            host.setProtocols("TLSv1.2");
                            host.setCiphers(suite);
                        });

        RawClient client = TlsContract.version(server.connect(), "TLSv1.2");
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(client.tls().getSession().getCipherSuite()).isEqualTo(suite);

        RawClient without = TlsContract.version(server.connect(), "TLSv1.2");
        without.tls()
                .setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"});
        assertThatThrownBy(() -> without.get("/hello").receive()).isInstanceOf(SSLException.class);
    }

    @Test
    void theSuitesOfTls13MayBeRestricted() throws Exception {
        TestServer server =
                start(
                        host -> {
                            host.setProtocols("TLSv1.3");
                            host.setCiphers("ECDHE-ECDSA-AES128-GCM-SHA256"); // of TLS 1.2
                            host.setCipherSuites("TLS_AES_128_GCM_SHA256");
                        });

        RawClient client = server.connect();
        assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
        assertThat(client.tls().getSession().getCipherSuite()).isEqualTo("TLS_AES_128_GCM_SHA256");
    }
}
