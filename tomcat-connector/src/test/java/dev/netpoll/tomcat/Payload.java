// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.zip.CRC32C;

/** A reproducible, endless run of bytes: what a large body is made of, and what it is checked against. */
final class Payload {
    /** A prime, so that no buffer size in the server divides it and a lost or doubled block always shows. */
    private static final int PERIOD = 65_537;

    private static final byte[] PATTERN = pattern();

    private Payload() {}

    private static byte[] pattern() {
        byte[] bytes = new byte[PERIOD];
        new Random(42).nextBytes(bytes);
        return bytes;
    }

    /** Fills {@code into} with the bytes from {@code position} on. */
    static void fill(byte[] into, int length, long position) {
        int done = 0;
        while (done < length) {
            int from = (int) ((position + done) % PERIOD);
            int run = Math.min(length - done, PERIOD - from);
            System.arraycopy(PATTERN, from, into, done, run);
            done += run;
        }
    }

    static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        fill(bytes, length, 0);
        return bytes;
    }

    /** Writes the first {@code size} bytes in blocks of 32 KiB, without flushing. */
    static void write(OutputStream out, long size) throws IOException {
        byte[] block = new byte[32 * 1024];
        for (long position = 0; position < size; position += block.length) {
            int length = (int) Math.min(block.length, size - position);
            fill(block, length, position);
            out.write(block, 0, length);
        }
    }

    static long checksum(long size) {
        CRC32C crc = new CRC32C();
        byte[] block = new byte[32 * 1024];
        for (long position = 0; position < size; position += block.length) {
            int length = (int) Math.min(block.length, size - position);
            fill(block, length, position);
            crc.update(block, 0, length);
        }
        return crc.getValue();
    }

    static long checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    /** Reads to the end and answers what came. */
    static Digest digest(InputStream in) throws IOException {
        return digest(in, 32 * 1024);
    }

    /** Reads to the end in reads of at most {@code blockSize} bytes. */
    static Digest digest(InputStream in, int blockSize) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] block = new byte[blockSize];
        long size = 0;
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            crc.update(block, 0, n);
            size += n;
        }
        return new Digest(size, crc.getValue());
    }

    static Digest digest(long size) {
        return new Digest(size, checksum(size));
    }

    /** Size and CRC-32C of a body; its text form is what handlers answer with. */
    record Digest(long size, long crc) {}
}
