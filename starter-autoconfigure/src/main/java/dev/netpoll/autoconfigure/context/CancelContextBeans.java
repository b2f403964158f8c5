// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelContext;
import dev.netpoll.context.Deadline;

import jakarta.servlet.http.HttpServletRequest;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.web.context.WebApplicationContext;

/**
 * The request's context and deadline as beans of the request's scope. Without a proxy, which neither
 * type can have: a singleton asks an {@code ObjectProvider} for them.
 */
@Configuration(proxyBeanMethods = false)
class CancelContextBeans {

    private static final String CONTEXT = "netpollCancelContext";
    private static final String DEADLINE = "netpollDeadline";

    @Bean(CONTEXT)
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    @Scope(WebApplicationContext.SCOPE_REQUEST)
    CancelContext netpollCancelContext() {
        return CancelContext.current();
    }

    @Bean(DEADLINE)
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
    @Scope(WebApplicationContext.SCOPE_REQUEST)
    @Nullable Deadline netpollDeadline() {
        return CancelContext.current().deadline();
    }

    /** The request has a new context: what asked before the handler was known has the former one. */
    static void forget(HttpServletRequest request) {
        request.removeAttribute(CONTEXT);
        request.removeAttribute(DEADLINE);
    }
}
