// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.http2.Http2Protocol;
import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What requests come over: HTTP/1.1 or HTTP/2, plain or over TLS. */
enum WireKind {
    HTTP_1,
    HTTP_1_OVER_TLS,
    HTTP_2,
    HTTP_2_OVER_TLS;

    boolean isHttp2() {
        return this == HTTP_2 || this == HTTP_2_OVER_TLS;
    }

    boolean isTls() {
        return this == HTTP_1_OVER_TLS || this == HTTP_2_OVER_TLS;
    }

    /** A server of our connector's that speaks it. */
    TestServer.Builder server() {
        ConnectorUnderTest plain = NetpollContractTest.NETPOLL;
        ConnectorUnderTest subject = isTls() ? new TlsUnderTest(plain) : plain;
        TestServer.Builder server =
                TestServer.on(subject.protocol())
                        .connector(subject::tune)
                        .clientsOver(subject.tls());
        return isHttp2()
                ? server.connector(c -> c.addUpgradeProtocol(new Http2Protocol()))
                : server;
    }

    /** A client that has connected. */
    Caller caller(TestServer server) throws IOException {
        RawClient client = server.connect();
        return isHttp2()
                ? new Http2Caller(Http2Client.over(client, isTls()).preface())
                : new Http1Caller(client);
    }

    /** An answer, as every kind has it. */
    record Answer(int status, @Nullable String type, @Nullable String length, String text) {}

    /** Makes one request after another. */
    interface Caller extends Closeable {

        /** Sends a request without a body. */
        void send(String method, String path) throws IOException;

        /** The answer to the last request. */
        Answer answer() throws IOException;

        /** Leaves the last request: resets what carries it. */
        void leave() throws IOException;
    }

    private static final class Http1Caller implements Caller {

        private final RawClient client;
        private boolean head;

        Http1Caller(RawClient client) {
            this.client = client;
        }

        @Override
        public void send(String method, String path) throws IOException {
            head = method.equals("HEAD");
            client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        @Override
        public Answer answer() throws IOException {
            RawResponse response = head ? client.receiveHead() : client.receive();
            return new Answer(
                    response.status(),
                    response.header("Content-Type"),
                    response.header("Content-Length"),
                    head && response.header("Connection").equals("close")
                            ? new String(client.in().readAllBytes(), StandardCharsets.UTF_8)
                            : response.text());
        }

        @Override
        public void leave() throws IOException {
            client.reset();
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }

    private static final class Http2Caller implements Caller {

        private final Http2Client client;
        private int stream = -1;

        Http2Caller(Http2Client client) {
            this.client = client;
        }

        @Override
        public void send(String method, String path) throws IOException {
            stream += 2;
            client.frame(
                    Http2Client.HEADERS,
                    Http2Client.END_HEADERS | Http2Client.END_STREAM,
                    stream,
                    client.request(method, path));
        }

        @Override
        public Answer answer() throws IOException {
            Http2Client.Response response = client.response(stream);
            return new Answer(
                    response.status(),
                    response.field("content-type"),
                    response.field("content-length"),
                    response.text());
        }

        @Override
        public void leave() throws IOException {
            client.reset(stream, Http2Client.CANCEL);
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
