// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc.spring;

import dev.netpoll.context.jdbc.ContextConnections;
import dev.netpoll.context.jdbc.ContextDataSource;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.BeanClassLoaderAware;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.core.SmartClassLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import javax.sql.DataSource;

/**
 * Puts every {@code DataSource} bean under the calling thread's context, as {@link ContextDataSource} does,
 * by a Spring AOP proxy that stays what the bean is: a subclass of the bean's class, or where the class
 * cannot be subclassed a proxy with all its interfaces. A bean that is a Spring AOP proxy already gets one
 * more advisor instead.
 *
 * <p>Not proxied are data sources that lead to guarded ones ({@code LazyConnectionDataSourceProxy}, {@code
 * TransactionAwareDataSourceProxy}), and scoped proxies, whose targets are. A routing data source is: it
 * gets out of the way while it routes to a guarded one.
 *
 * <p>Neither ordered nor prioritised, so that it comes after the post-processors of libraries that wrap
 * data sources: the wait for a connection in what they make ends with the context too. What comes later
 * wraps guarded connections.
 */
public final class ContextDataSourcePostProcessor
        implements SmartInstantiationAwareBeanPostProcessor, BeanClassLoaderAware {

    private static final Logger LOG =
            System.getLogger(ContextDataSourcePostProcessor.class.getName());

    private static final String SPRINGS_ROUTER =
            "org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource";

    private final Supplier<ContextConnections> connections;
    private final Map<String, Object> early = new ConcurrentHashMap<>(); // by the bean's name
    private @Nullable ClassLoader classLoader; // written before the first bean
    private @Nullable Class<?> router; // written before the first bean

    /**
     * @param connections gets the connections; asked for with the first data source, since a post-processor
     *     must not bring other beans along
     */
    public ContextDataSourcePostProcessor(Supplier<ContextConnections> connections) {
        this.connections = SingletonSupplier.of(connections);
        setBeanClassLoader(ClassUtils.getDefaultClassLoader());
    }

    @Override
    public void setBeanClassLoader(@Nullable ClassLoader loader) {
        classLoader = loader;
        router =
                ClassUtils.isPresent(SPRINGS_ROUTER, loader)
                        ? ClassUtils.resolveClassName(SPRINGS_ROUTER, loader)
                        : null;
    }

    /** A bean that is needed before it is initialized, in a circle of beans: the proxy is made now. */
    @Override
    public Object getEarlyBeanReference(Object bean, String name) {
        if (bean instanceof DataSource source) {
            early.put(name, bean);
            return guarded(source);
        }
        return bean;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof DataSource source && early.remove(name) != bean
                ? guarded(source)
                : bean;
    }

    private DataSource guarded(DataSource source) {
        if (source instanceof AopInfrastructureBean || isAdvised(source)) {
            return source;
        }
        boolean routes = isRouter(source);
        if (!routes && ContextDataSource.isWrapped(source)) {
            return source;
        }
        Advisor advisor =
                new DefaultPointcutAdvisor(
                        new ConnectionAdvice.Methods(),
                        new ConnectionAdvice(connections.get(), routes));
        if (source instanceof Advised proxy && !proxy.isFrozen()) {
            proxy.addAdvisor(0, advisor);
            return source;
        }
        return proxy(source, advisor);
    }

    private static boolean isAdvised(DataSource source) {
        return source instanceof Advised proxy
                && Arrays.stream(proxy.getAdvisors())
                        .anyMatch(advisor -> advisor.getAdvice() instanceof ConnectionAdvice);
    }

    /** Whether what it says of itself may be another's word at the next call. */
    private boolean isRouter(DataSource source) {
        if (router == null) {
            return false;
        }
        try {
            return router.isInstance(source) || source.isWrapperFor(router);
        } catch (SQLException | RuntimeException e) {
            LOG.log(Level.DEBUG, "The data source does not tell what it wraps", e);
            return true;
        }
    }

    // ---- proxies

    private DataSource proxy(DataSource source, Advisor advisor) {
        if (canBeSubclassed(source.getClass())) {
            try {
                return proxy(source, advisor, true);
            } catch (AopConfigException e) {
                LOG.log(Level.DEBUG, "No subclass of " + source.getClass().getName(), e);
            }
        }
        return proxy(source, advisor, false);
    }

    private DataSource proxy(DataSource source, Advisor advisor, boolean subclass) {
        ProxyFactory factory = new ProxyFactory(source);
        factory.setProxyTargetClass(subclass);
        factory.addAdvisor(advisor);
        return (DataSource) factory.getProxy(loaderFor(source.getClass()));
    }

    /**
     * Whether a subclass can do with every method what the proxy has to: a final one would run on the proxy
     * itself, whose fields are empty, and one that returns a driver's connection cannot return ours.
     */
    private static boolean canBeSubclassed(Class<?> type) {
        return !Modifier.isFinal(type.getModifiers())
                && Arrays.stream(type.getMethods())
                        .filter(method -> method.getDeclaringClass() != Object.class)
                        .noneMatch(ContextDataSourcePostProcessor::isOutOfReach);
    }

    private static boolean isOutOfReach(Method method) {
        int modifiers = method.getModifiers();
        return ConnectionAdvice.isOutOfReach(method)
                || Modifier.isFinal(modifiers) && !Modifier.isStatic(modifiers);
    }

    /** As Spring's own post-processors do: a reloading class loader is only for the classes that it loads. */
    private @Nullable ClassLoader loaderFor(Class<?> type) {
        return classLoader instanceof SmartClassLoader reloading
                        && classLoader != type.getClassLoader()
                ? reloading.getOriginalClassLoader()
                : classLoader;
    }
}
