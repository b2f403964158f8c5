// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.ConditionalOnMissingLocalBean;
import dev.netpoll.autoconfigure.ConditionalOnNetpoll;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.mvc.CancelledRequestResolver;
import dev.netpoll.web.mvc.ContextMvcConfigurer;
import dev.netpoll.web.mvc.ExpiredResultAdvice;
import dev.netpoll.web.mvc.HandlerContextInterceptor;
import dev.netpoll.web.mvc.RequestDeadlines;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.handler.AbstractHandlerMethodMapping;

/** Request contexts in Spring MVC: annotations, arguments, exceptions and results. */
@AutoConfiguration(after = NetpollRequestContextAutoConfiguration.class)
@ConditionalOnClass({DispatcherServlet.class, WebMvcConfigurer.class})
@ConditionalOnBean(RequestContexts.class)
@ConditionalOnNetpoll
public final class NetpollMvcAutoConfiguration {

    @Bean
    @ConditionalOnMissingLocalBean
    HandlerContextInterceptor netpollHandlerContextInterceptor(ConfigurableBeanFactory beans) {
        return new HandlerContextInterceptor(new RequestDeadlines(beans::resolveEmbeddedValue));
    }

    @Bean
    @ConditionalOnMissingLocalBean
    CancelledRequestResolver netpollCancelledRequestResolver() {
        return new CancelledRequestResolver();
    }

    @Bean
    @ConditionalOnMissingLocalBean
    ExpiredResultAdvice netpollExpiredResultAdvice() {
        return new ExpiredResultAdvice();
    }

    /** Every handler is known when the singletons are, and the server has not begun to listen. */
    @Bean
    @ConditionalOnMissingLocalBean(name = "netpollRequestDeadlineCheck")
    SmartInitializingSingleton netpollRequestDeadlineCheck(
            ObjectProvider<AbstractHandlerMethodMapping<?>> mappings,
            HandlerContextInterceptor interceptor) {
        return () ->
                mappings.forEach(
                        mapping ->
                                mapping.getHandlerMethods().values().forEach(interceptor::learn));
    }

    @Bean
    @ConditionalOnMissingLocalBean
    ContextMvcConfigurer netpollContextMvcConfigurer(HandlerContextInterceptor interceptor) {
        return new ContextMvcConfigurer(interceptor);
    }
}
