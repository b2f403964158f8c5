// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.connector.InputBuffer;
import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.CharBuffer;

/**
 * Takes the 16 KiB of characters away from Catalina's input buffers, which only {@code getReader()} needs, and gives
 * them back where it is called.
 *
 * <p>The field is Catalina's own: where it is out of reach, as on a module path that does not open its package, every
 * request keeps its characters.
 */
final class ReaderChars {

    private static final CharBuffer NONE = CharBuffer.allocate(0);

    private static final @Nullable VarHandle CHARS = find();

    private ReaderChars() {}

    private static @Nullable VarHandle find() {
        try {
            return MethodHandles.privateLookupIn(InputBuffer.class, MethodHandles.lookup())
                    .findVarHandle(InputBuffer.class, "cb", CharBuffer.class);
        } catch (ReflectiveOperationException | SecurityException e) {
            return null;
        }
    }

    /** Of a buffer that is not in use. */
    static void takeFrom(InputBuffer unused) {
        if (CHARS != null) {
            CHARS.set(unused, NONE);
        }
    }

    /** Before the first character of a request is read. */
    static void giveBackTo(InputBuffer buffer) {
        if (CHARS != null && CHARS.get(buffer) == NONE) {
            CHARS.set(buffer, CharBuffer.allocate(InputBuffer.DEFAULT_BUFFER_SIZE).limit(0));
        }
    }
}
