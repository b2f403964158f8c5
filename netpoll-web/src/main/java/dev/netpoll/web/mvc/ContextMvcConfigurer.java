// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import java.util.List;

/**
 * Makes an interceptor for handlers' annotations the outermost of Spring MVC's, and contexts arguments of
 * controller methods.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public record ContextMvcConfigurer(HandlerContextInterceptor interceptor)
        implements WebMvcConfigurer {

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE);
    }

    @Override
    public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new ContextArguments());
    }
}
