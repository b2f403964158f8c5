// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;

import org.apache.catalina.Container;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Forms and uploaded files, their limits, and a second connector of the same server. */
abstract class FormContract extends ServerContract {

    private static final String BOUNDARY = "----sep";

    @TempDir Path uploads;

    // ---- forms ----------------------------------------------------------------------------------

    @Test
    void aFormOfTheGreatestSizeIsReadAndALargerOneIsRefused() throws Exception {
        TestServer server =
                server().connector(connector -> connector.setMaxPostSize(100))
                        .handle(
                                "/form",
                                (request, response) ->
                                        text(response, "" + request.getParameter("a").length()))
                        .start();

        RawClient client = server.connect();
        assertThat(form(client, "a=" + "x".repeat(98)).text()).isEqualTo("98");
        assertThat(form(client, "a=" + "x".repeat(98)).text()).isEqualTo("98");
        assertThat(form(client, "a=" + "x".repeat(99)).status()).isEqualTo(413);
    }

    @Test
    void aChunkedFormThatGrowsTooLargeIsRefused() throws Exception {
        TestServer server =
                server().connector(connector -> connector.setMaxPostSize(100))
                        .handle(
                                "/form",
                                (request, response) ->
                                        text(response, "" + request.getParameter("a")))
                        .start();
        RawClient client =
                server.connect()
                        .request(
                                "POST",
                                "/form",
                                "Transfer-Encoding: chunked",
                                "Content-Type: application/x-www-form-urlencoded");
        client.chunk("a=" + "x".repeat(60)).chunk("x".repeat(60)).lastChunk();
        assertThat(client.receive().status()).isEqualTo(413);
    }

    private static RawResponse form(RawClient client, String body) throws IOException {
        return client.request(
                        "POST",
                        "/form",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Length: " + body.length())
                .send(body)
                .receive();
    }

    // ---- files ----------------------------------------------------------------------------------

    @Test
    void anUploadGoesToDiskWhileItIsServedAndNoLonger() throws Exception {
        int size = 3_000_000;
        TestServer server =
                uploadServer(new MultipartConfigElement(uploads.toString(), -1, -1, 0)).start();
        RawClient client = server.connect();
        for (int i = 0; i < 2; i++) {
            assertThat(upload(client, Payload.bytes(size)).text())
                    .isEqualTo("file.bin " + Payload.digest(size) + " on disk: 1");
            Bounded.until(() -> files() == 0, this::files);
        }
    }

    @Test
    void aFileLargerThanTheLimitIsRefused() throws Exception {
        TestServer server =
                uploadServer(new MultipartConfigElement(uploads.toString(), 1_000, -1, 0)).start();
        assertThat(upload(server.connect(), Payload.bytes(1_000)).status()).isEqualTo(200);
        assertThat(upload(server.connect(), Payload.bytes(1_001)).status()).isEqualTo(413);
        Bounded.until(() -> files() == 0, this::files);
    }

    private long files() {
        try (Stream<Path> found = Files.list(uploads)) {
            return found.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private TestServer.Builder uploadServer(MultipartConfigElement settings) {
        return server().handle("/upload", this::receiveUpload)
                .context(context -> setMultipart(context, settings));
    }

    private static void setMultipart(Context context, MultipartConfigElement settings) {
        for (Container child : context.findChildren()) {
            ((Wrapper) child).setMultipartConfigElement(settings);
        }
    }

    private void receiveUpload(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Part part = request.getPart("file");
        try (InputStream in = part.getInputStream()) {
            text(
                    response,
                    part.getSubmittedFileName()
                            + " "
                            + Payload.digest(in)
                            + " on disk: "
                            + files());
        }
    }

    private static RawResponse upload(RawClient client, byte[] file) throws IOException {
        byte[] head =
                ("--"
                                + BOUNDARY
                                + "\r\nContent-Disposition: form-data; name=\"file\";"
                                + " filename=\"file.bin\"\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] tail = ("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII);
        client.request(
                "POST",
                "/upload",
                "Content-Type: multipart/form-data; boundary=" + BOUNDARY,
                "Content-Length: " + (head.length + file.length + tail.length));
        return client.send(head).send(file).send(tail).receive();
    }

    // ---- a second connector ---------------------------------------------------------------------

    @Test
    void aSecondConnectorServesTheSameApplicationAndStopsWithTheServer() throws Exception {
        TestServer server = helloServer().start();
        Connector second = new Connector(subject().protocol());
        second.setPort(0);
        second.setProperty("address", "127.0.0.1");
        subject().tune(second);
        server.tomcat().getService().addConnector(second);

        for (int i = 0; i < 3; i++) {
            assertThat(server.get("/hello").text()).isEqualTo("hello");
            var address = new InetSocketAddress("127.0.0.1", second.getLocalPort());
            try (RawClient client = server.client(address)) {
                assertThat(client.get("/hello").receive().text()).isEqualTo("hello");
            }
        }
        server.stop();
        assertThat(second.getLocalPort()).isNegative();
    }
}
