// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

import java.util.List;

/**
 * The application's beans of one type, known once all singletons are there and empty before: what asks is
 * made before nearly everything else, and a task or call of a start that is under way must not make beans.
 * Any thread.
 */
public final class DeferredBeans<T> implements SmartInitializingSingleton {

    private final ObjectProvider<T> beans;
    private volatile List<T> known = List.of(); // written once

    /** The beans that {@code beans} provides, in their order. */
    public DeferredBeans(ObjectProvider<T> beans) {
        this.beans = beans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        known = beans.orderedStream().toList();
    }

    /** Returns the beans; none before all singletons are there. */
    public List<T> get() {
        return known;
    }
}
