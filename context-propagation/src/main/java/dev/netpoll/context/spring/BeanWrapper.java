// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import org.springframework.beans.factory.config.BeanPostProcessor;

import java.util.function.UnaryOperator;

/**
 * Replaces each bean of {@code type}, or a subtype, by what {@code wrapping} makes of it.
 *
 * @param type the type of the beans
 * @param wrapping is given each bean when it has been initialized, and returns what stands in its place
 */
public record BeanWrapper<T>(Class<T> type, UnaryOperator<T> wrapping)
        implements BeanPostProcessor {

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return type.isInstance(bean) ? wrap(bean) : bean;
    }

    @SuppressWarnings("NullAway") // no wrapping answers null
    private Object wrap(Object bean) {
        return wrapping.apply(type.cast(bean));
    }
}
