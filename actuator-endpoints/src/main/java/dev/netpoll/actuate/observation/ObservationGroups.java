// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate.observation;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;

import java.util.function.Supplier;

/** Has the groups of handlers that Spring Boot makes leave requests to ours. */
public final class ObservationGroups implements BeanPostProcessor {

    private final Supplier<ObservationMode> mode;

    /** @param mode asked when the first group registers its handlers */
    public ObservationGroups(Supplier<ObservationMode> mode) {
        this.mode = mode;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean instanceof ObservationHandlerGroup group
                ? new DecliningGroup(group, mode)
                : bean;
    }
}
