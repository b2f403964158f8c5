// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Header blocks of HTTP/2, as one client has them: writes literals without indexing, and reads by Tomcat's decoder,
 * which is not public.
 */
final class HeaderBlocks {

    private static final String DECODER = "org.apache.coyote.http2.HpackDecoder";

    private final Object decoder;
    private final Object emitter;
    private final Method begin;
    private final Method decode;
    private final List<Map.Entry<String, String>> decoded = new ArrayList<>();

    HeaderBlocks() {
        try {
            Class<?> type = Class.forName(DECODER);
            Class<?> to = Class.forName(DECODER + "$HeaderEmitter");
            Constructor<?> make = type.getDeclaredConstructor();
            make.setAccessible(true);
            decoder = make.newInstance();
            begin = type.getDeclaredMethod("setHeaderEmitter", to);
            begin.setAccessible(true);
            emitter =
                    Proxy.newProxyInstance(
                            type.getClassLoader(),
                            new Class<?>[] {to},
                            (_, method, arguments) -> take(method, arguments));
            decode = type.getDeclaredMethod("decode", ByteBuffer.class);
            decode.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Object take(Method method, Object[] arguments) {
        if (method.getName().equals("emitHeader")) {
            decoded.add(Map.entry((String) arguments[0], (String) arguments[1]));
        }
        return null;
    }

    List<Map.Entry<String, String>> decode(byte[] block) {
        decoded.clear();
        try {
            begin.invoke(decoder, emitter);
            decode.invoke(decoder, ByteBuffer.wrap(block));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
        return List.copyOf(decoded);
    }

    /** {@code name, value} pairs as literals that no table remembers (RFC 7541, 6.2.2). */
    static byte[] literal(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            name(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    /** Pseudo-headers by their places in the static table: Tomcat takes no literal names of theirs. */
    private static void name(ByteArrayOutputStream block, String name) {
        switch (name) {
            case ":authority" -> block.write(1);
            case ":method" -> block.write(2);
            case ":path" -> block.write(4);
            case ":scheme" -> block.write(6);
            default -> {
                block.write(0);
                string(block, name);
            }
        }
    }

    private static void string(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            block.write(bytes.length);
        } else {
            block.write(127);
            int rest = bytes.length - 127;
            while (rest >= 128) {
                block.write(rest & 127 | 128);
                rest >>= 7;
            }
            block.write(rest);
        }
        block.writeBytes(bytes);
    }
}
