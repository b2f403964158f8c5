// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;

import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.BodyExtractors;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClient;

import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import java.util.Objects;

/**
 * A filter that makes the exchanges of a {@code WebClient} end with the context: as soon as it has
 * ended the exchange, its body included, is cancelled, which closes the connection, and fails with
 * the {@link dev.netpoll.context.CancelledException}; while the body is read {@code WebClient} puts
 * that into its {@code WebClientResponseException}, as the cause. What the server says is handed on
 * as it is. What is left of the deadline goes with the request as a header.
 *
 * <p>The context is the one in Reactor's context, under the key of Micrometer's propagation, or else
 * the subscribing thread's current one. Without either everything goes straight through.
 *
 * <p>Of the connectors Reactor Netty's closes the connection at any time; the JDK's while it waits for
 * the response, but the connection of a body that is cancelled only with the server's end of it.
 *
 * <p>Any thread. Immutable.
 */
public final class ContextExchangeFilter implements ExchangeFilterFunction {

    /** Where Reactor's context has it: the key of {@code CancelContextAccessor}. */
    static final String KEY = "dev.netpoll.context";

    private final HttpSettings settings;

    public ContextExchangeFilter(HttpSettings settings) {
        this.settings = Objects.requireNonNull(settings);
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return Mono.deferContextual(
                view -> {
                    CancelContext context = contextOf(view);
                    return context == null
                            ? next.exchange(request)
                            : exchange(request, next, context);
                });
    }

    private static @Nullable CancelContext contextOf(ContextView view) {
        return view.hasKey(KEY) ? view.get(KEY) : CancelContext.currentOrNull();
    }

    private Mono<ClientResponse> exchange(
            ClientRequest request, ExchangeFunction next, CancelContext context) {
        CancelCause before = context.cause();
        if (before != null) {
            return Mono.error(before.toException());
        }
        ClientRequest timed =
                ClientRequest.from(request)
                        .headers(h -> DeadlineHeader.write(settings.deadlineHeader(), context, h))
                        .build();
        // The thread that ends the context knows nothing of this one. Where it is blocked and
        // interrupted by
        // that end, it may cancel the exchange itself before the end has come through here.
        CallEnd end = new CallEnd(settings.listener().boundHere(), request.method(), request.url());
        return next.exchange(timed)
                .takeUntilOther(endOf(context))
                .flatMap(response -> inTime(response, context, end))
                .switchIfEmpty(failureOf(context, end, HttpCancelReport.Stage.EXCHANGE))
                .doOnCancel(() -> end.tell(context, HttpCancelReport.Stage.EXCHANGE));
    }

    private static Mono<ClientResponse> inTime(
            ClientResponse response, CancelContext context, CallEnd end) {
        if (context.isCancelled()) {
            giveUp(response);
            return Mono.empty();
        }
        return Mono.just(response.mutate().body(body -> inTime(body, context, end)).build());
    }

    /** A body that was cut off does not look whole. */
    private static Flux<DataBuffer> inTime(
            Flux<DataBuffer> body, CancelContext context, CallEnd end) {
        return body.takeUntilOther(endOf(context))
                .concatWith(failureOf(context, end, HttpCancelReport.Stage.BODY))
                .doOnCancel(() -> end.tell(context, HttpCancelReport.Stage.BODY));
    }

    /** Fails if the context has ended when it is asked. */
    private static <T> Mono<T> failureOf(
            CancelContext context, CallEnd end, HttpCancelReport.Stage stage) {
        return Mono.defer(
                () -> {
                    CancelCause cause = context.cause();
                    if (cause == null) {
                        return Mono.empty();
                    }
                    end.tell(context, stage);
                    return Mono.error(cause.toException());
                });
    }

    /**
     * Completes when the context ends. An error instead would not do: Reactor hands that on and leaves
     * the exchange alone. Its hook goes with its last listener.
     */
    private static Mono<Void> endOf(CancelContext context) {
        return Mono.create(sink -> sink.onDispose(context.onCancel(() -> sink.success())::stop));
    }

    /** Without reading it to the end, which may never come. */
    private static void giveUp(ClientResponse response) {
        response.body(BodyExtractors.toDataBuffers())
                .subscribe(DataBufferUtils::release, _ -> {})
                .dispose();
    }

    /** Returns {@code client}, or a copy of it under the current context unless it is one already. */
    public static WebClient wrap(WebClient client, HttpSettings settings) {
        WebClient.Builder builder = client.mutate();
        return addTo(builder, settings) ? builder.build() : client;
    }

    /** Adds a filter to {@code builder}, unless there is one. Returns whether it was added. */
    public static boolean addTo(WebClient.Builder builder, HttpSettings settings) {
        boolean[] added = new boolean[1];
        builder.filters(
                filters -> {
                    if (filters.stream().noneMatch(ContextExchangeFilter.class::isInstance)) {
                        filters.add(new ContextExchangeFilter(settings));
                        added[0] = true;
                    }
                });
        return added[0];
    }
}
