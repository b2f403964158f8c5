// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.sample;

import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSourceResolvable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.validation.method.ParameterValidationResult;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

import java.util.List;
import java.util.stream.Stream;

/**
 * Answers what a client did wrong with {@code application/problem+json} (RFC 9457) that names the
 * parameter at fault.
 */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException ex,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        List<String> errors =
                ex.getParameterValidationResults().stream()
                        .flatMap(ProblemAdvice::describe)
                        .toList();
        ex.getBody().setDetail(String.join("; ", errors));
        return super.handleHandlerMethodValidationException(ex, headers, status, request);
    }

    private static Stream<String> describe(ParameterValidationResult result) {
        String parameter = result.getMethodParameter().getParameterName();
        return result.getResolvableErrors().stream()
                .map(MessageSourceResolvable::getDefaultMessage)
                .map(message -> "'" + parameter + "' " + message);
    }
}
