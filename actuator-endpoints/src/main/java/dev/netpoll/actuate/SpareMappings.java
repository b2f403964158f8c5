// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.CorsEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.web.EndpointMapping;
import org.springframework.boot.actuate.endpoint.web.ExposableWebEndpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.webmvc.actuate.endpoint.web.AdditionalHealthEndpointPathsWebMvcHandlerMapping;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.type.MethodMetadata;
import org.springframework.util.ClassUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;

import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Function;

/**
 * Has the actuator's mappings for health groups with a path of their own and for controllers, which map nothing in most
 * applications, ask nothing of a request as long as it is so. Spring looks through each of them for every request,
 * under a lock. They are Spring Boot's own, by its names and types, in its place.
 */
public final class SpareMappings implements BeanFactoryPostProcessor {

    private static final String BOOT = "org.springframework.boot.";
    private static final String PACKAGE = BOOT + "webmvc.actuate.endpoint.web.";

    /** Code that is generated ahead of time can't have what is set here, and has Spring Boot's beans. */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        if (Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
            return;
        }
        if (has(beans, "AdditionalHealthEndpointPathsWebMvcHandlerMapping")) {
            make(beans, "healthEndpointWebMvcHandlerMapping", HealthPaths::of);
        }
        if (has(beans, "ControllerEndpointHandlerMapping")) {
            make(beans, "controllerEndpointHandlerMapping", Controllers::of);
        }
    }

    private static boolean has(ConfigurableListableBeanFactory beans, String mapping) {
        return ClassUtils.isPresent(PACKAGE + mapping, beans.getBeanClassLoader());
    }

    /** Where Spring Boot would make the bean by a method of its own. */
    private static void make(
            ConfigurableListableBeanFactory beans, String name, Function<BeanFactory, ?> made) {
        if (beans.containsBeanDefinition(name)
                && beans.getBeanDefinition(name) instanceof AbstractBeanDefinition definition
                && isBoots(definition)) {
            definition.setInstanceSupplier(() -> made.apply(beans));
        }
    }

    private static boolean isBoots(AbstractBeanDefinition definition) {
        MethodMetadata method =
                definition instanceof AnnotatedBeanDefinition annotated
                        ? annotated.getFactoryMethodMetadata()
                        : null;
        return method != null && method.getDeclaringClassName().startsWith(BOOT);
    }

    /** The health endpoint under paths of single groups. */
    static final class HealthPaths extends AdditionalHealthEndpointPathsWebMvcHandlerMapping {

        private volatile boolean mapped; // once

        private HealthPaths(
                @Nullable ExposableWebEndpoint endpoint, Set<HealthEndpointGroup> groups) {
            super(endpoint, groups);
        }

        static HealthPaths of(BeanFactory beans) {
            ExposableWebEndpoint health =
                    beans.getBean(WebEndpointsSupplier.class).getEndpoints().stream()
                            .filter(each -> each.getEndpointId().equals(HealthEndpoint.ID))
                            .findFirst()
                            .orElse(null);
            return new HealthPaths(
                    health,
                    beans.getBean(HealthEndpointGroups.class)
                            .getAllWithAdditionalPath(WebServerNamespace.SERVER));
        }

        @Override
        public void registerMapping(RequestMappingInfo mapping, Object handler, Method method) {
            mapped = true;
            super.registerMapping(mapping, handler, method);
        }

        @Override
        protected void registerHandlerMethod(
                Object handler, Method method, RequestMappingInfo mapping) {
            mapped = true;
            super.registerHandlerMethod(handler, method, mapping);
        }

        @Override
        protected @Nullable HandlerMethod getHandlerInternal(HttpServletRequest request)
                throws Exception {
            return mapped ? super.getHandlerInternal(request) : null;
        }
    }

    /** Endpoints that are controllers, which Spring Boot will have no more. */
    @SuppressWarnings("removal")
    static final class Controllers
            extends org.springframework.boot.webmvc.actuate.endpoint.web
                    .ControllerEndpointHandlerMapping {

        private volatile boolean mapped; // once

        private Controllers(
                EndpointMapping mapping,
                org.springframework.boot.actuate.endpoint.web.annotation.ControllerEndpointsSupplier
                        endpoints,
                CorsEndpointProperties cors,
                EndpointAccessResolver access) {
            super(mapping, endpoints.getEndpoints(), cors.toCorsConfiguration(), access);
        }

        static Controllers of(BeanFactory beans) {
            return new Controllers(
                    new EndpointMapping(beans.getBean(WebEndpointProperties.class).getBasePath()),
                    beans.getBean(
                            org.springframework.boot.actuate.endpoint.web.annotation
                                    .ControllerEndpointsSupplier.class),
                    beans.getBean(CorsEndpointProperties.class),
                    beans.getBean(EndpointAccessResolver.class));
        }

        @Override
        public void registerMapping(RequestMappingInfo mapping, Object handler, Method method) {
            mapped = true;
            super.registerMapping(mapping, handler, method);
        }

        @Override
        protected void registerHandlerMethod(
                Object handler, Method method, RequestMappingInfo mapping) {
            mapped = true;
            super.registerHandlerMethod(handler, method, mapping);
        }

        @Override
        protected @Nullable HandlerMethod getHandlerInternal(HttpServletRequest request)
                throws Exception {
            return mapped ? super.getHandlerInternal(request) : null;
        }
    }
}
