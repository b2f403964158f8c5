// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.context.CancelContext;
import dev.netpoll.context.InterruptPolicy;
import dev.netpoll.context.spring.AsyncCalls;
import dev.netpoll.context.spring.BackgroundBinding;
import dev.netpoll.context.spring.BackgroundContexts;
import dev.netpoll.context.spring.BackgroundScheduling;
import dev.netpoll.context.spring.ContextTaskDecorator;
import dev.netpoll.context.spring.DeferredBeans;
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
    @ConditionalOnMissingLocalBean
    OverdueWatch netpollOverdueWatch(OverdueProperties properties) {
        return OverdueWatch.logging(properties.settings());
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollTaskObservers")
    DeferredBeans<TaskObserver> netpollTaskObservers(ObjectProvider<TaskObserver> observers) {
        return new DeferredBeans<>(observers);
    }

    /** Of this context alone: not a parent's, which ends when the parent stops. */
    @Bean(destroyMethod = "shutDown")
    @ConditionalOnMissingLocalBean
    BackgroundContexts netpollBackgroundContexts(
            OverdueWatch overdue, DeferredBeans<TaskObserver> observers, CancelProperties cancel) {
        return new BackgroundContexts(
                CancelContext.background()
                        .with(OverdueWatch.KEY, overdue)
                        .with(InterruptPolicy.KEY, cancel.interrupt())
                        .with(TaskObserver.KEY, TaskObserver.first(observers::get)));
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollBackgroundShutdown")
    OnStop netpollBackgroundShutdown(BackgroundContexts background) {
        return new OnStop(StopPhases.BACKGROUND, background::shutDown);
    }

    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollBackgroundRenewal")
    OnStop netpollBackgroundRenewal(
            ConfigurableApplicationContext application, BackgroundContexts background) {
        return OnStop.renewing(application, background::renew);
    }

    @Bean
    @ConditionalOnMissingLocalBean
    ContextTaskDecorator netpollContextTaskDecorator(
            BackgroundContexts background, AsyncProperties async) {
        return new ContextTaskDecorator(
                background, async.detached() ? TaskPolicy.DETACHED : TaskPolicy.OUTLIVE_COMPLETION);
    }

    @Bean
    @ConditionalOnMissingLocalBean
    BackgroundScheduling netpollBackgroundScheduling(
            BackgroundContexts background, BeanFactory beans) {
        return new BackgroundScheduling(background, beans);
    }

    @Bean
    @ConditionalOnMissingLocalBean
    StartupContext netpollStartupContext(
            ApplicationContext application, BackgroundContexts background) {
        return new StartupContext(application, new BackgroundBinding(background));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Advised.class)
    static class AsyncMethodsConfiguration {

        /** A post-processor comes before all other beans: it must not bring them along. */
        @Bean
        @ConditionalOnMissingLocalBean
        static AsyncCalls netpollAsyncCalls(
                ObjectProvider<BackgroundContexts> background,
                ObjectProvider<AsyncProperties> async) {
            return new AsyncCalls(background::getObject, () -> async.getObject().detached());
        }
    }
}
