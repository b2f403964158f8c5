// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.testsupport.Bounded;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** What tests do with an {@code AsyncContext}, on threads of their own. */
final class AsyncWork {
    private AsyncWork() {}

    static void later(HttpServletRequest request, Consumer<AsyncContext> work) {
        AsyncContext context = request.startAsync();
        Bounded.background(
                () -> {
                    work.accept(context);
                    return null;
                });
    }

    static String digest(HttpServletRequest request) {
        try {
            return Payload.digest(request.getInputStream()).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(AsyncContext context, String text) {
        try {
            ServerContract.text((HttpServletResponse) context.getResponse(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void flush(AsyncContext context, String text) throws IOException {
        context.getResponse().getOutputStream().print(text);
        context.getResponse().flushBuffer();
    }
}
