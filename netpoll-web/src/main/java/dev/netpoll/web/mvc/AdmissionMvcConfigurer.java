// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Adds an admission interceptor to Spring MVC's, after the one that sets handlers' deadlines. */
public record AdmissionMvcConfigurer(AdmissionInterceptor interceptor) implements WebMvcConfigurer {

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(interceptor).order(Ordered.HIGHEST_PRECEDENCE + 1);
    }
}
