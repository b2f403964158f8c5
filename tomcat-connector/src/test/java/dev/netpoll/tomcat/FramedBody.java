// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A response body by Content-Length or in chunks; a connection that ends inside it is an error. One thread. */
final class FramedBody extends InputStream {
    private final RawClient client;
    private final boolean chunked;
    private final List<Map.Entry<String, String>> trailers;

    /** Bytes left in the body, or in the current chunk. */
    private long left;

    private boolean ended;
    private boolean first = true;

    FramedBody(RawClient client, long contentLength) {
        this.client = client;
        this.chunked = false;
        this.trailers = new ArrayList<>();
        this.left = contentLength;
    }

    FramedBody(RawClient client, List<Map.Entry<String, String>> trailers) {
        this.client = client;
        this.chunked = true;
        this.trailers = trailers;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (chunked && left == 0 && !ended) {
            nextChunk();
        }
        if (left == 0) {
            return -1;
        }
        int n = client.in().read(into, offset, (int) Math.min(length, left));
        if (n < 0) {
            throw new EOFException(
                    "connection ended "
                            + left
                            + " bytes before the "
                            + (chunked ? "chunk" : "body"));
        }
        left -= n;
        return n;
    }

    private void nextChunk() throws IOException {
        if (!first && !client.line().isEmpty()) {
            throw new IOException("chunk not closed by CRLF");
        }
        first = false;
        left = Long.parseLong(client.line(), 16);
        if (left == 0) {
            ended = true;
            trailers.addAll(client.fields());
        }
    }
}
