// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;

import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

import java.util.Optional;

/**
 * Lets a controller method ask for its {@link CancelContext}, and for its {@link Deadline}: null, or an
 * empty {@link Optional}, when the request has none.
 */
public final class ContextArguments implements HandlerMethodArgumentResolver {

    @Override
    public boolean supportsParameter(MethodParameter parameter) {
        return isOf(parameter, CancelContext.class) || isOf(parameter, Deadline.class);
    }

    private static boolean isOf(MethodParameter parameter, Class<?> type) {
        return parameter.nestedIfOptional().getNestedParameterType() == type;
    }

    @Override
    public @Nullable Object resolveArgument(
            MethodParameter parameter,
            @Nullable ModelAndViewContainer mavContainer,
            NativeWebRequest webRequest,
            @Nullable WebDataBinderFactory binderFactory) {
        CancelContext context = CancelContext.current();
        Object value = isOf(parameter, CancelContext.class) ? context : context.deadline();
        return parameter.getParameterType() == Optional.class ? Optional.ofNullable(value) : value;
    }
}
