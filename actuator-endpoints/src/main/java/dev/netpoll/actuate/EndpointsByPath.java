// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.CorsEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.endpoint.EndpointsSupplier;
import org.springframework.boot.actuate.endpoint.ExposableEndpoint;
import org.springframework.boot.actuate.endpoint.web.EndpointLinksResolver;
import org.springframework.boot.actuate.endpoint.web.EndpointMapping;
import org.springframework.boot.actuate.endpoint.web.EndpointMediaTypes;
import org.springframework.boot.actuate.endpoint.web.ExposableWebEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.webmvc.actuate.endpoint.web.WebMvcEndpointHandlerMapping;
import org.springframework.http.server.PathContainer;
import org.springframework.util.StringUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.util.ServletRequestPathUtils;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * Spring Boot's mapping of the actuator's endpoints, which looks at a request's path before all else. Spring's compares
 * the media types of each endpoint with every request of the application, since this mapping comes before the
 * application's own, and at its path last. Runs on the handler's thread.
 */
public final class EndpointsByPath extends WebMvcEndpointHandlerMapping {

    /** What a path pattern may begin a segment with that is not to be taken literally. */
    private static final String WILD = "*?{}[]:\\";

    /** The first segments of all paths that are mapped, in lower case. Written while starting, mostly. */
    private final Set<String> roots = new CopyOnWriteArraySet<>();

    /** Some mapping has no such first segment. */
    private volatile boolean anywhere;

    private EndpointsByPath(
            WebEndpointProperties properties,
            Collection<ExposableWebEndpoint> endpoints,
            Collection<ExposableEndpoint<?>> linked,
            EndpointMediaTypes mediaTypes,
            CorsEndpointProperties cors) {
        super(
                new EndpointMapping(properties.getBasePath()),
                endpoints,
                mediaTypes,
                cors.toCorsConfiguration(),
                new EndpointLinksResolver(linked, properties.getBasePath()),
                properties.getDiscovery().isEnabled()
                        && StringUtils.hasText(properties.getBasePath()));
    }

    /** Returns the mapping of the endpoints that {@code beans} exposes on the application's own port. */
    public static EndpointsByPath of(ListableBeanFactory beans) {
        Collection<ExposableWebEndpoint> web =
                beans.getBean(WebEndpointsSupplier.class).getEndpoints();
        List<ExposableEndpoint<?>> linked = new ArrayList<>(web);
        beans.getBeanProvider(EndpointsSupplier.class).stream()
                .filter(supplier -> !(supplier instanceof WebEndpointsSupplier))
                .flatMap(supplier -> ((EndpointsSupplier<?>) supplier).getEndpoints().stream())
                .filter(PathMappedEndpoint.class::isInstance)
                .forEach(linked::add);
        return new EndpointsByPath(
                beans.getBean(WebEndpointProperties.class),
                web,
                linked,
                beans.getBean(EndpointMediaTypes.class),
                beans.getBean(CorsEndpointProperties.class));
    }

    @Override
    public void registerMapping(RequestMappingInfo mapping, Object handler, Method method) {
        learn(mapping);
        super.registerMapping(mapping, handler, method);
    }

    @Override
    protected void registerHandlerMethod(
            Object handler, Method method, RequestMappingInfo mapping) {
        learn(mapping);
        super.registerHandlerMethod(handler, method, mapping);
    }

    private void learn(RequestMappingInfo mapping) {
        for (String pattern : mapping.getPatternValues()) {
            String root = root(pattern);
            if (root == null) {
                anywhere = true;
            } else {
                roots.add(root);
            }
        }
    }

    /** Returns the literal first segment, in lower case; null when there is none. */
    private static @Nullable String root(String pattern) {
        if (!pattern.startsWith("/") || pattern.length() == 1) {
            return null;
        }
        int end = pattern.indexOf('/', 1);
        String root = pattern.substring(1, end < 0 ? pattern.length() : end);
        return root.isEmpty() || root.chars().anyMatch(each -> WILD.indexOf(each) >= 0)
                ? null
                : root.toLowerCase(Locale.ROOT);
    }

    /** Without Spring's lock, which the threads of all loops write to. */
    @Override
    protected @Nullable HandlerMethod getHandlerInternal(HttpServletRequest request)
            throws Exception {
        if (ServletRequestPathUtils.hasParsedRequestPath(request) && isElsewhere(request)) {
            request.removeAttribute(PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE); // of a dispatch before
            return null;
        }
        return super.getHandlerInternal(request);
    }

    @Override
    protected @Nullable HandlerMethod lookupHandlerMethod(
            String lookupPath, HttpServletRequest request) throws Exception {
        return isElsewhere(request) ? null : super.lookupHandlerMethod(lookupPath, request);
    }

    private boolean isElsewhere(HttpServletRequest request) {
        if (anywhere || !usesPathPatterns()) {
            return false;
        }
        List<PathContainer.Element> path =
                ServletRequestPathUtils.getParsedRequestPath(request)
                        .pathWithinApplication()
                        .elements();
        return path.size() > 1
                && path.get(1) instanceof PathContainer.PathSegment first
                && !roots.contains(first.valueToMatch().toLowerCase(Locale.ROOT));
    }
}
