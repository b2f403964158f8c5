// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.catalina.connector.OutputBuffer;
import org.apache.catalina.connector.Response;
import org.apache.catalina.connector.ResponseFacade;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Heads, bodies, readers and buffers of every size around those that a server makes itself. */
abstract class BuffersContract extends ServerContract {

    private TestServer.Builder echo() {
        return server().handle("/echo", BuffersContract::echo)
                .handle("/reader", BuffersContract::echoReader)
                .handle("/buffer", BuffersContract::bufferSizes);
    }

    private static void echo(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String header = request.getHeader("X");
        byte[] body = request.getInputStream().readAllBytes();
        // What the head says does not change by the body.
        boolean same = header.equals(request.getHeader("X"));
        text(response, header.length() + "" + same + body.length + sum(body));
    }

    private static void echoReader(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StringBuilder read = new StringBuilder();
        var reader = request.getReader();
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            read.append((char) c);
        }
        text(response, read.length() + "" + read.toString().hashCode());
    }

    private static long sum(byte[] bytes) {
        long sum = 0;
        for (byte b : bytes) {
            sum = 31 * sum + b;
        }
        return sum;
    }

    private static String head(String method, String path, int header, String... more) {
        return RawClient.text(
                method,
                path,
                Stream.concat(Stream.of("X: " + "x".repeat(header)), Stream.of(more))
                        .toArray(String[]::new));
    }

    private static String post(int header, int body) {
        return head("POST", "/echo", header, "Content-Length: " + body) + letters(body);
    }

    private static String letters(int count) {
        return IntStream.range(0, count)
                .collect(
                        StringBuilder::new,
                        (text, i) -> text.append((char) ('a' + i % 23)),
                        StringBuilder::append)
                .toString();
    }

    private static String answer(int header, int body) {
        return header + "true" + body + sum(letters(body).getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void headsOfAnySizeAreReadWholeOneAfterAnother() throws Exception {
        RawClient client = echo().start().connect();
        List<Integer> sizes =
                Stream.of(
                                IntStream.iterate(940, n -> n < 1_030, n -> n + 3),
                                IntStream.iterate(1_960, n -> n < 2_060, n -> n + 3),
                                IntStream.of(1, 5_000, 1, 8_000, 10, 7_000, 8_050, 100))
                        .flatMap(IntStream::boxed)
                        .toList();
        for (int size : sizes) {
            assertThat(client.send(head("GET", "/echo", size)).receive().text())
                    .isEqualTo(answer(size, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 900, 1_900, 2_000, 2_048, 4_000, 8_000})
    void aHeadInTwoPiecesIsReadWholeWhereverItIsCut(int size) throws Exception {
        RawClient client = echo().start().connect();
        String whole = head("GET", "/echo", size);
        for (int cut : new int[] {1, 4, 30, 500, 1_024, 2_000, 2_047, 2_048, 2_049, 5_000}) {
            int at = Math.min(cut, whole.length() - 1);
            client.send(whole.substring(0, at));
            client.send(whole.substring(at));
            assertThat(client.receive().text()).as("cut at %s", at).isEqualTo(answer(size, 0));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 900, 1_900, 2_000, 5_000})
    void aBodyOfAnySizeIsReadWholeBehindAnyHead(int header) throws Exception {
        RawClient client = echo().start().connect();
        for (int body : new int[] {0, 1, 40, 100, 900, 1_100, 2_000, 3_000, 9_000, 70_000, 7}) {
            assertThat(client.send(post(header, body)).receive().text())
                    .as("at once, %s", body)
                    .isEqualTo(answer(header, body));
            client.send(head("POST", "/echo", header, "Content-Length: " + body));
            assertThat(client.send(letters(body)).receive().text())
                    .as("behind its head, %s", body)
                    .isEqualTo(answer(header, body));
            client.send(head("POST", "/echo", header, "Transfer-Encoding: chunked"));
            for (int sent = 0; sent < body; sent += 1_000) {
                client.chunk(letters(body).substring(sent, Math.min(body, sent + 1_000)));
            }
            assertThat(client.lastChunk().receive().text())
                    .as("in chunks, %s", body)
                    .isEqualTo(answer(header, body));
        }
    }

    @Test
    void pipelinedRequestsOfMixedSizesAreReadInOrder() throws Exception {
        RawClient client = echo().start().connect();
        int[] headers = {1, 3_000, 20, 1_900, 7_500, 5, 2_030, 1};
        int[] bodies = {0, 10, 3_000, 0, 100, 20_000, 1, 0};
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < headers.length; i++) {
            all.append(post(headers[i], bodies[i]));
        }
        client.send(all.toString());
        for (int i = 0; i < headers.length; i++) {
            assertThat(client.receive().text()).isEqualTo(answer(headers[i], bodies[i]));
        }
    }

    @Test
    void charactersOfAnyNumberAreReadRequestAfterRequest() throws Exception {
        RawClient client = echo().start().connect();
        for (int size : new int[] {10, 8_191, 8_192, 8_193, 0, 30_000, 5}) {
            String body = letters(size);
            client.send(head("POST", "/reader", 1, "Content-Length: " + size) + body);
            assertThat(client.receive().text()).isEqualTo(size + "" + body.hashCode());
        }
    }

    // ---- the response's buffer
    // --------------------------------------------------------------------

    /** Asked before, and after, a stream or a writer is there. */
    private static void bufferSizes(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String told = "" + response.getBufferSize();
        if (request.getQueryString() != null) {
            response.setBufferSize(Integer.parseInt(request.getQueryString()));
        }
        told += " " + response.getBufferSize();
        var stream = response.getOutputStream();
        told += " " + response.getBufferSize();
        int room = response.getBufferSize();
        stream.write(new byte[room]);
        told += " " + response.isCommitted();
        stream.write(1);
        told += " " + response.isCommitted();
        stream.write(told.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aResponseIsCommittedByTheFirstByteBeyondItsBuffer() throws Exception {
        RawClient client = echo().start().connect();
        for (int i = 0; i < 2; i++) {
            assertThat(client.get("/buffer").receive().text())
                    .endsWith("8192 8192 8192 false true");
        }
        assertThat(client.get("/buffer?10000").receive().text())
                .endsWith("8192 10000 10000 false true");
    }

    /** Tomcat's own tests of HEAD reach for the buffer that a response has, and set a smaller one. */
    private static void replacedBuffer(HttpServletRequest request, HttpServletResponse response)
            throws ServletException {
        response.setBufferSize(15_872);
        response.resetBuffer();
        try {
            Object catalinas = field(ResponseFacade.class, "response").get(response);
            Object buffer = field(Response.class, "outputBuffer").get(catalinas);
            field(OutputBuffer.class, "bb").set(buffer, ByteBuffer.allocate(8_192));
        } catch (ReflectiveOperationException e) {
            throw new ServletException(e);
        }
        response.setIntHeader("X-Size", response.getBufferSize());
    }

    private static Field field(Class<?> of, String name) throws ReflectiveOperationException {
        Field field = of.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    @Test
    void aBufferThatSomeoneElseHasSetIsTheOneThatIsTold() throws Exception {
        RawClient client = server().handle("/", BuffersContract::replacedBuffer).start().connect();
        for (int i = 0; i < 3; i++) {
            assertThat(client.get("/").receive().header("X-Size")).isEqualTo("8192");
        }
    }
}
