// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelContext;
import dev.netpoll.web.RequestContext;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Prevents a handler's result from being written after the request's deadline, or after it was cancelled,
 * while the valve can still answer 503. On the engine the connector does so at the first byte; on Tomcat's
 * NIO nothing else does. A client that has only finished sending still reads the result. Runs on the
 * handler's thread.
 */
@ControllerAdvice
public final class ExpiredResultAdvice implements ResponseBodyAdvice<Object> {

    @Override
    public boolean supports(
            MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converterType) {
        return true;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter returnType,
            MediaType selectedContentType,
            Class<? extends HttpMessageConverter<?>> selectedConverterType,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        CancelContext context = CancelContext.currentOrNull();
        CancelCause cause = context == null ? null : context.cause();
        if (cause != null && RequestContext.isAnsweredByTheServer(cause)) {
            throw cause.toException();
        }
        return body;
    }
}
