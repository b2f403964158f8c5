// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.spring;

import dev.netpoll.context.CancelContext;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.AsyncAnnotationAdvisor;

import java.lang.reflect.Method;
import java.util.function.Supplier;

/**
 * Gives every call of an {@code @Async} method a context, whatever executor it runs on: an interceptor
 * on either side of Spring's own, the outer on the caller's thread, the inner on the executor's. They
 * hand the call over as an attribute of the invocation both see.
 *
 * <p>Neither ordered nor prioritised, so that it comes after the post-processor that makes the
 * proxies.
 */
public final class AsyncCalls implements BeanPostProcessor {

    private static final String CALL = AsyncCall.class.getName();

    private final Supplier<BackgroundContexts> background;
    private final Supplier<Boolean> detached;

    /**
     * @param background where calls from threads without a context belong
     * @param detached whether calls are detached that do not say so themselves
     */
    public AsyncCalls(Supplier<BackgroundContexts> background, Supplier<Boolean> detached) {
        this.background = background;
        this.detached = detached;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof Advised proxy && !proxy.isFrozen()) {
            for (int i = 0; i < proxy.getAdvisorCount(); i++) {
                if (proxy.getAdvisors()[i] instanceof AsyncAnnotationAdvisor async) {
                    surround(proxy, i, async);
                    break;
                }
            }
        }
        return bean;
    }

    private void surround(Advised proxy, int at, AsyncAnnotationAdvisor async) {
        MethodInterceptor inner = AsyncCalls::run;
        MethodInterceptor outer = this::submit;
        proxy.addAdvisor(at + 1, new DefaultPointcutAdvisor(async.getPointcut(), inner));
        proxy.addAdvisor(at, new DefaultPointcutAdvisor(async.getPointcut(), outer));
    }

    private @Nullable Object submit(MethodInvocation invocation) throws Throwable {
        if (!(invocation instanceof ProxyMethodInvocation proxied)) {
            return invocation.proceed();
        }
        CancelContext current = CancelContext.currentOrNull();
        CancelContext caller = current == null ? background.get().root() : current;
        AsyncCall call = AsyncCall.of(caller, isDetached(invocation), invocation);
        proxied.setUserAttribute(CALL, call);
        return call.submit();
    }

    private boolean isDetached(MethodInvocation invocation) {
        Object target = invocation.getThis();
        Class<?> type =
                target == null
                        ? invocation.getMethod().getDeclaringClass()
                        : AopUtils.getTargetClass(target);
        Method method = AopUtils.getMostSpecificMethod(invocation.getMethod(), type);
        Detached own = AnnotatedElementUtils.findMergedAnnotation(method, Detached.class);
        Detached said =
                own != null
                        ? own
                        : AnnotatedElementUtils.findMergedAnnotation(type, Detached.class);
        return said == null ? detached.get() : said.value();
    }

    private static @Nullable Object run(MethodInvocation invocation) throws Throwable {
        return invocation instanceof ProxyMethodInvocation proxied
                        && proxied.getUserAttribute(CALL) instanceof AsyncCall call
                ? call.run()
                : invocation.proceed();
    }
}
