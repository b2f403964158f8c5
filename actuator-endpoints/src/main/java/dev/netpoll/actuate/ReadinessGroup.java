// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.AdditionalPathsMapper;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.core.Ordered;

import java.util.List;
import java.util.Set;

/**
 * Makes {@code netpoll} a member of the readiness group, where there is one: an instance that cannot
 * accept connections, or has lost a loop, should get no new requests.
 */
public final class ReadinessGroup implements HealthEndpointGroupsPostProcessor, Ordered {

    private static final String READINESS = "readiness";
    private static final String NETPOLL = "netpoll";

    /** After Boot's own, which makes the group. */
    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }

    @Override
    public HealthEndpointGroups postProcessHealthEndpointGroups(HealthEndpointGroups groups) {
        return groups.getNames().contains(READINESS) ? new WithNetpoll(groups) : groups;
    }

    /** A mapper of paths as well, which Spring Boot takes the bean for whatever has wrapped it. */
    private record WithNetpoll(HealthEndpointGroups groups)
            implements HealthEndpointGroups, AdditionalPathsMapper {

        @Override
        public @Nullable List<String> getAdditionalPaths(
                EndpointId endpoint, WebServerNamespace namespace) {
            return groups instanceof AdditionalPathsMapper mapper
                    ? mapper.getAdditionalPaths(endpoint, namespace)
                    : null;
        }

        @Override
        public HealthEndpointGroup getPrimary() {
            return groups.getPrimary();
        }

        @Override
        public Set<String> getNames() {
            return groups.getNames();
        }

        @Override
        public @Nullable HealthEndpointGroup get(String name) {
            HealthEndpointGroup group = groups.get(name);
            return group != null && READINESS.equals(name) ? new Readiness(group) : group;
        }
    }

    private record Readiness(HealthEndpointGroup group) implements HealthEndpointGroup {

        @Override
        public boolean isMember(String name) {
            return NETPOLL.equals(name) || group.isMember(name);
        }

        @Override
        public boolean showComponents(SecurityContext context) {
            return group.showComponents(context);
        }

        @Override
        public boolean showDetails(SecurityContext context) {
            return group.showDetails(context);
        }

        @Override
        public StatusAggregator getStatusAggregator() {
            return group.getStatusAggregator();
        }

        @Override
        public HttpCodeStatusMapper getHttpCodeStatusMapper() {
            return group.getHttpCodeStatusMapper();
        }

        @Override
        public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
            return group.getAdditionalPath();
        }
    }
}
