// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.concurrent.CompletableFuture;

/**
 * A client of the JDK's whose cancelled calls close the body of a response that had just come.
 *
 * <p>Spring's request waits for the response, and when it is interrupted cancels the future it has waited
 * for. If the response came in between, the JDK's future is complete and its cancel does nothing: the
 * body has no reader and its connection stays open until the server ends it.
 *
 * <p>Any thread. Immutable.
 */
final class BodyClosingHttpClient extends ForwardingHttpClient {

    BodyClosingHttpClient(HttpClient client) {
        super(client);
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> bodies) {
        return new Call<>(super.sendAsync(request, bodies));
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            BodyHandler<T> bodies,
            @Nullable PushPromiseHandler<T> pushPromises) {
        return new Call<>(super.sendAsync(request, bodies, pushPromises));
    }

    /** Ends as the client's own future does, apart from what {@link #cancel} adds. */
    private static final class Call<T> extends CompletableFuture<HttpResponse<T>> {

        private final CompletableFuture<HttpResponse<T>> sent;

        Call(CompletableFuture<HttpResponse<T>> sent) {
            this.sent = sent;
            sent.whenComplete(this::end);
        }

        private void end(@Nullable HttpResponse<T> response, @Nullable Throwable failure) {
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                complete(response);
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean ended = sent.cancel(mayInterruptIfRunning);
            sent.thenAccept(response -> close(response.body()));
            return super.cancel(mayInterruptIfRunning) || ended;
        }

        private static void close(@Nullable Object body) {
            if (body instanceof Closeable open) {
                try {
                    open.close();
                } catch (IOException e) {
                    // Its connection is closed all the same.
                }
            }
        }
    }
}
