// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.Ordered;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.SchedulingConfigurer;
import org.springframework.scheduling.config.ScheduledTaskRegistrar;
import org.springframework.scheduling.config.TaskSchedulerRouter;

/**
 * Gives every run of a {@code @Scheduled} method a background context, on whatever scheduler it runs.
 * After every other configurer: it wraps the scheduler they have chosen.
 */
public final class BackgroundScheduling implements SchedulingConfigurer, Ordered {

    private final BackgroundContexts background;
    private final BeanFactory beans;

    public BackgroundScheduling(BackgroundContexts background, BeanFactory beans) {
        this.background = background;
        this.beans = beans;
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public void configureTasks(ScheduledTaskRegistrar registrar) {
        TaskScheduler chosen = registrar.getScheduler();
        registrar.setTaskScheduler(
                new BackgroundTaskScheduler(chosen == null ? router() : chosen, background));
    }

    /** Finds schedulers as Spring itself does where none was chosen. */
    private TaskScheduler router() {
        TaskSchedulerRouter router = new TaskSchedulerRouter();
        router.setBeanName(BackgroundScheduling.class.getName());
        router.setBeanFactory(beans);
        return router;
    }
}
