// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.filter.CharacterEncodingFilter;
import org.springframework.web.filter.FormContentFilter;
import org.springframework.web.filter.RequestContextFilter;

import java.io.IOException;
import java.util.Locale;

/**
 * Spring's filters for the character encoding, for form content and for the request context as one, where they stand
 * next to each other in a chain (decision 26). It asks the filters for their settings at each request, and has the
 * second one itself read a form. Of the attributes by which they know that they have run there is one, {@link #MARK}.
 *
 * <pre>
 * dispatch          not yet marked          marked CONTEXT                marked ALL
 * REQUEST, FORWARD  all three, ALL          the first two, ALL, CONTEXT   none
 * ASYNC, ERROR      the third, CONTEXT      none                          none
 * </pre>
 *
 * <p>The filter that observes requests runs itself, between the first and the second, where it would stand in the
 * chain: for what is not yet marked, of REQUEST and ASYNC.
 *
 * <p>Without parts, until {@link #join}, it does nothing. Runs on the handler's thread.
 */
public final class JoinedFilter implements Filter {

    private static final String MARK = JoinedFilter.class.getName() + ".FILTERED";

    private enum Mark {
        CONTEXT,
        ALL
    }

    /** What it stands for; each may be missing. */
    private record Parts(
            @Nullable CharacterEncodingFilter encoding,
            @Nullable Filter observation,
            @Nullable FormContentFilter form,
            @Nullable RequestContextFilter context,
            Log contextLog) {}

    /** Written at the start of the server, before its first request. */
    private volatile @Nullable Parts parts;

    /**
     * From now on it does what these do, in this order.
     *
     * @param observation runs once in a request, as Spring's does
     * @param context without inheritable threads
     */
    public void join(
            @Nullable CharacterEncodingFilter encoding,
            @Nullable Filter observation,
            @Nullable FormContentFilter form,
            @Nullable RequestContextFilter context) {
        Class<?> logged = context == null ? RequestContextFilter.class : context.getClass();
        parts = new Parts(encoding, observation, form, context, LogFactory.getLog(logged));
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Parts all = parts;
        if (all == null) {
            chain.doFilter(request, response);
        } else if (request instanceof HttpServletRequest http
                && response instanceof HttpServletResponse httpResponse) {
            doFilter(all, http, httpResponse, chain);
        } else {
            throw new ServletException("OncePerRequestFilter only supports HTTP requests");
        }
    }

    private static void doFilter(
            Parts parts,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain)
            throws IOException, ServletException {
        Object mark = request.getAttribute(MARK);
        boolean onRequest = mark != Mark.ALL && !isOfContextAlone(request);
        boolean binds = mark == null;
        if (!onRequest && !binds) {
            chain.doFilter(request, response);
            return;
        }
        request.setAttribute(MARK, onRequest ? Mark.ALL : Mark.CONTEXT);
        try {
            if (onRequest) {
                encode(parts.encoding(), request, response);
            }
            Filter observation = parts.observation();
            if (observation != null && binds && mayBeObserved(request)) {
                observation.doFilter(
                        request, response, (q, s) -> read(parts, onRequest, true, q, s, chain));
            } else {
                read(parts, onRequest, binds, request, response, chain);
            }
        } finally {
            if (mark == null) {
                request.removeAttribute(MARK);
            } else {
                request.setAttribute(MARK, mark);
            }
        }
    }

    /** Spring Boot registers it for these dispatches. */
    private static boolean mayBeObserved(HttpServletRequest request) {
        return switch (request.getDispatcherType()) {
            case REQUEST, ASYNC -> true;
            default -> false;
        };
    }

    private static void read(
            Parts parts,
            boolean onRequest,
            boolean binds,
            ServletRequest request,
            ServletResponse response,
            FilterChain chain)
            throws IOException, ServletException {
        FormContentFilter form = parts.form();
        if (onRequest && form != null && mayBeForm((HttpServletRequest) request)) {
            form.doFilter(request, response, (q, s) -> bind(parts, binds, q, s, chain));
        } else {
            bind(parts, binds, request, response, chain);
        }
    }

    /** Filters run again, on another thread or for an error page: the request is as the first dispatch has left it. */
    private static boolean isOfContextAlone(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.ASYNC
                || request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) != null;
    }

    private static void encode(
            @Nullable CharacterEncodingFilter encoding,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        String name = encoding == null ? null : encoding.getEncoding();
        if (encoding == null || name == null) {
            return;
        }
        if (encoding.isForceRequestEncoding() || request.getCharacterEncoding() == null) {
            request.setCharacterEncoding(name);
        }
        if (encoding.isForceResponseEncoding()) {
            response.setCharacterEncoding(name);
        }
    }

    /** Spring's filter looks at the content type, too. */
    private static boolean mayBeForm(HttpServletRequest request) {
        return switch (request.getMethod()) {
            case "PUT", "PATCH", "DELETE" -> true;
            default -> false;
        };
    }

    private static void bind(
            Parts parts,
            boolean binds,
            ServletRequest request,
            ServletResponse response,
            FilterChain chain)
            throws IOException, ServletException {
        if (!binds || parts.context() == null) {
            chain.doFilter(request, response);
            return;
        }
        Log log = parts.contextLog();
        var attributes =
                new ServletRequestAttributes(
                        (HttpServletRequest) request, (HttpServletResponse) response);
        Locale locale = request.getLocale();
        LocaleContextHolder.setLocale(locale, false);
        RequestContextHolder.setRequestAttributes(attributes, false);
        trace(log, "Bound request context to thread: ", request);
        try {
            chain.doFilter(request, response);
        } finally {
            LocaleContextHolder.resetLocaleContext();
            RequestContextHolder.resetRequestAttributes();
            trace(log, "Cleared thread-bound request context: ", request);
            attributes.requestCompleted();
        }
    }

    private static void trace(Log log, String what, ServletRequest request) {
        if (log.isTraceEnabled()) {
            log.trace(what + request);
        }
    }
}
