package dev.netpoll.autoconfigure.context;

import dev.netpoll.context.CancelCause;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Takes any exception of a handler whose request's context has ended early: it is what the end was
 * for, however wrapped, and no error. The valve answers. Before every other resolver: an advice for
 * all exceptions would answer 500.
 */
final class EarlyEndResolver implements HandlerExceptionResolver, Ordered {

    private static final Log LOG = LogFactory.getLog(EarlyEndResolver.class);

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable Object handler,
            Exception ex) {
        CancelCause cause = EarlyEnds.cause(request);
        if (cause == null) {
            return null;
        }
        EarlyEnds.giveUp(request);
        if (LOG.isDebugEnabled()) {
            LOG.debug("The handler ended with its request's context: " + cause.message(), ex);
        }
        return new ModelAndView();
    }
}
