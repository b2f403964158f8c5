// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Files over HTTP/2, which leave by frames of parts of them, mapped into memory.
 *
 * <p>To clients whose windows have room: where they have none, Tomcat 11.0.24 ends the connection, on NIO as on ours.
 */
abstract class Http2FilesContract extends Http2ServerContract {

    private static final int SIZE = 2_000_000;

    /** Of a client's settings. */
    private static final int INITIAL_WINDOW_SIZE = 4;

    @TempDir private Path directory;

    private byte[] content = new byte[0];

    @BeforeEach
    final void writeFile() throws IOException {
        content = Payload.bytes(SIZE);
        Files.write(directory.resolve("large.bin"), content);
    }

    /** Serves it as a static file, and from a handler at {@code /part?from&to}. */
    private TestServer start(boolean useSendfile) throws Exception {
        return http2Server(http2 -> http2.setUseSendfile(useSendfile))
                .files(directory)
                .handle(
                        "/part",
                        (request, response) -> {
                            long from = Long.parseLong(request.getParameter("from"));
                            long to = Long.parseLong(request.getParameter("to"));
                            String key = "org.apache.tomcat.sendfile.";
                            String file = directory.resolve("large.bin").toString();
                            request.setAttribute(key + "filename", file);
                            request.setAttribute(key + "start", from);
                            request.setAttribute(key + "end", to);
                            response.setContentLengthLong(to - from);
                        })
                .handle(
                        "/support",
                        (request, response) ->
                                text(
                                        response,
                                        ""
                                                + request.getAttribute(
                                                        "org.apache.tomcat.sendfile.support")))
                .start();
    }

    private Http2Client connectWithRoom(TestServer server) throws IOException {
        Http2Client client = unprefaced(server).preface(INITIAL_WINDOW_SIZE, 2 * SIZE);
        return client.windowUpdate(0, 100 * SIZE);
    }

    @Test
    void aFileComesWholeWithSendfileAndWithout() throws Exception {
        for (boolean useSendfile : new boolean[] {true, false}) {
            Http2Client client = connectWithRoom(start(useSendfile));
            for (int stream = 1; stream < 9; stream += 2) {
                assertThat(client.get(stream, "/large.bin").response(stream).body())
                        .isEqualTo(content);
            }
            assertThat(client.get(9, "/hello").response(9).text()).isEqualTo("hello");
        }
    }

    @Test
    void theSettingOfTheProtocolDecides() throws Exception {
        Http2Client with = connect(start(true)).get(1, "/support");
        assertThat(with.response(1).text()).isEqualTo("true");
        Http2Client without = connect(start(false)).get(1, "/support");
        assertThat(without.response(1).text()).isIn("false", "null");
    }

    @Test
    void aHandlerMaySendAPartOfAFile() throws Exception {
        Http2Client client = connectWithRoom(start(true));
        assertThat(client.get(1, "/part?from=1000&to=300000").response(1).body())
                .isEqualTo(Arrays.copyOfRange(content, 1_000, 300_000));
    }

    @Test
    void filesOfSeveralStreamsComeAtOnce() throws Exception {
        Http2Client client = connectWithRoom(start(true));
        int streams = 8;
        for (int i = 0; i < streams; i++) {
            client.get(2 * i + 1, "/large.bin");
        }
        ByteArrayOutputStream[] bodies = new ByteArrayOutputStream[streams];
        Arrays.setAll(bodies, _ -> new ByteArrayOutputStream());
        int ended = 0;
        while (ended < streams) {
            Http2Client.Frame frame = client.next();
            if (frame.type() == Http2Client.DATA) {
                bodies[frame.stream() / 2].writeBytes(frame.payload());
                ended += frame.isEnd() ? 1 : 0;
            }
        }
        for (ByteArrayOutputStream body : bodies) {
            assertThat(body.toByteArray()).isEqualTo(content);
        }
    }
}
