// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.spring.AsyncCalls;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.context.spring.BackgroundScheduling;
import dev.netpoll.context.spring.ContextTaskDecorator;
import dev.netpoll.context.spring.OnStop;
import dev.netpoll.context.task.OverdueWatch;
import dev.netpoll.context.task.TaskObserver;
import dev.netpoll.context.task.TaskPolicy;

import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Carries contexts into asynchronous methods, executors, scheduled tasks and runners. */
@AutoConfiguration(
        beforeName = {
            "org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration",
            "org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration"
        })
@ConditionalOnBooleanProperty(name = "netpoll.context.enabled", matchIfMissing = true)
@EnableConfigurationProperties({
    ContextProperties.class,
    OverdueProperties.class,
    AsyncProperties.class,
    CancelProperties.class
})
@ConditionalOnNetpoll
public final class NetpollContextAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    OverdueWatch netpollOverdueWatch(OverdueProperties properties) {
        return OverdueWatch.logging(properties.settings());
    }

    @Bean
    @ConditionalOnMissingBean(name = "netpollTaskObservers", search = SearchStrategy.CURRENT)
    DeferredBeans<TaskObserver> netpollTaskObservers(ObjectProvider<TaskObserver> observers) {
        return new DeferredBeans<>(observers);
    }

    /** Of this context alone: not a parent's, which ends when the parent stops. */
    @Bean(destroyMethod = "shutDown")
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    BackgroundContexts netpollBackgroundContexts(
            OverdueWatch overdue, DeferredBeans<TaskObserver> observers, CancelProperties cancel) {
        return new BackgroundContexts(
                CancelContext.background()
                        .with(OverdueWatch.KEY, overdue)
                        .with(InterruptPolicy.KEY, cancel.interrupt())
                        .with(TaskObserver.KEY, TaskObserver.first(observers::get)));
    }

    @Bean
    @ConditionalOnMissingBean(name = "netpollBackgroundShutdown", search = SearchStrategy.CURRENT)
    OnStop netpollBackgroundShutdown(BackgroundContexts background) {
        return new OnStop(StopPhases.BACKGROUND, background::shutDown);
    }

    @Bean
    @ConditionalOnMissingBean(name = "netpollBackgroundRenewal", search = SearchStrategy.CURRENT)
    OnStop netpollBackgroundRenewal(
            ConfigurableApplicationContext application, BackgroundContexts background) {
        return onStopUnlessClosed(application, background::renew);
    }

    /** An application that is closed is not started again: what still begins there is cancelled at once. */
    static OnStop onStopUnlessClosed(ConfigurableApplicationContext application, Runnable renew) {
        return new OnStop(
                StopPhases.RENEWAL,
                () -> {
                    if (!application.isClosed()) {
                        renew.run();
                    }
                });
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    ContextTaskDecorator netpollContextTaskDecorator(
            BackgroundContexts background, AsyncProperties async) {
        return new ContextTaskDecorator(
                background, async.detached() ? TaskPolicy.DETACHED : TaskPolicy.OUTLIVE_COMPLETION);
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    BackgroundScheduling netpollBackgroundScheduling(
            BackgroundContexts background, BeanFactory beans) {
        return new BackgroundScheduling(background, beans);
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    StartupContext netpollStartupContext(
            ApplicationContext application, BackgroundContexts background) {
        return new StartupContext(application, background);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Advised.class)
    static class AsyncMethodsConfiguration {

        /** A post-processor comes before all other beans: it must not bring them along. */
        @Bean
        @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
        static AsyncCalls netpollAsyncCalls(
                ObjectProvider<BackgroundContexts> background,
                ObjectProvider<AsyncProperties> async) {
            return new AsyncCalls(background::getObject, () -> async.getObject().detached());
        }
    }
}
