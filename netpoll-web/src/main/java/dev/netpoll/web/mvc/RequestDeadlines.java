// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.web.RequestDeadline;

import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.StringValueResolver;

import java.lang.reflect.Method;
import java.time.Duration;

/** Reads {@link RequestDeadline}s, also as meta-annotations. Immutable. */
public final class RequestDeadlines {

    private final StringValueResolver placeholders;

    /** With what resolves placeholders in the annotations' values. */
    public RequestDeadlines(StringValueResolver placeholders) {
        this.placeholders = placeholders;
    }

    /**
     * The time a handler method has, by its own annotation or else by its class's; null without any.
     *
     * @throws InvalidRequestDeadlineException if the annotation says no time greater than zero
     */
    public @Nullable Duration limit(Method method, Class<?> type) {
        RequestDeadline own =
                AnnotatedElementUtils.findMergedAnnotation(method, RequestDeadline.class);
        if (own != null) {
            return parse(own.value(), type.getName() + "." + method.getName() + "()");
        }
        RequestDeadline shared =
                AnnotatedElementUtils.findMergedAnnotation(type, RequestDeadline.class);
        return shared == null ? null : parse(shared.value(), type.getName());
    }

    private Duration parse(String value, String name) {
        try {
            String resolved = placeholders.resolveStringValue(value);
            Duration limit =
                    DurationFormatterUtils.detectAndParse(resolved == null ? "" : resolved.trim());
            if (limit.isPositive()) {
                return limit;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new InvalidRequestDeadlineException(name, value, e);
        }
        throw new InvalidRequestDeadlineException(name, value, null);
    }
}
