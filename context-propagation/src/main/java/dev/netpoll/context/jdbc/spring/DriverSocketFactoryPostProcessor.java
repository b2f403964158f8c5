// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.jdbc.spring;

import dev.netpoll.context.jdbc.mysql.MysqlSocketFactory;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.BeanNameAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.InstantiationAwareBeanPostProcessor;
import org.springframework.util.ClassUtils;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

import javax.net.SocketFactory;
import javax.sql.DataSource;

/**
 * Has the database drivers under the {@code DataSource} beans make their sockets by a given {@link
 * SocketFactory}, where the driver takes one: PostgreSQL's, MariaDB's and MySQL's, by their connection
 * property {@code socketFactory}, in the pools of HikariCP and Tomcat JDBC and in Spring's {@code
 * DriverManagerDataSource}.
 *
 * <p>HikariCP then opens its connections on the same loops, unless it has a thread factory already.
 *
 * <p>A data source that names a factory itself is left alone, and so is one whose URL is not plainly one of
 * those drivers' ({@code jdbc:aws-wrapper:…}, {@code jdbc:tc:…}). What the factory needs is made with the
 * first such data source, or with the first bean, and outlives all of them. Runs on the thread that starts
 * the application.
 */
public final class DriverSocketFactoryPostProcessor
        implements InstantiationAwareBeanPostProcessor,
                BeanFactoryAware,
                BeanNameAware,
                DisposableBean {

    private static final Logger LOG =
            System.getLogger(DriverSocketFactoryPostProcessor.class.getName());

    private static final String SOCKET_FACTORY = "socketFactory";

    /** HikariCP's, once its pool has been made. */
    private static final String RUNNING = "running";

    /** HikariCP's, for the threads that open and close connections. */
    private static final String THREAD_FACTORY = "threadFactory";

    /** Beginnings of the URLs of drivers that take the class name of a SocketFactory. */
    private static final List<String> URLS = List.of("jdbc:postgresql:", "jdbc:mariadb:");

    /** Beginnings of the URLs of Connector/J, which takes a class of an interface of its own. */
    private static final List<String> MYSQL_URLS = List.of("jdbc:mysql:", "jdbc:mysql+srv:");

    /** With which MariaDB's driver takes URLs of MySQL's. */
    private static final String MARIADB_FOR_MYSQL = "permitMysqlScheme";

    private static final String MYSQL_DRIVER = "com.mysql.cj.protocol.StandardSocketFactory";
    private static final String MYSQL_FACTORY = "dev.netpoll.context.jdbc.mysql.MysqlSocketFactory";

    /** Names of bean properties that have the URL, in any pool. */
    private static final List<String> URL_PROPERTIES = List.of("jdbcUrl", "url");

    /** Names of bean properties of type Properties that go to the driver, in any pool. */
    private static final List<String> DRIVER_PROPERTIES =
            List.of("dataSourceProperties", "dbProperties", "connectionProperties");

    private final Class<? extends SocketFactory> factory;
    private final boolean early;
    private final Callable<@Nullable AutoCloseable> needed;
    private final ThreadFactory threads;

    /** Under this object's lock. */
    private @Nullable AutoCloseable held;

    private boolean begun; // the starting thread's
    private @Nullable ConfigurableBeanFactory beans; // written before the first bean
    private String ownName = ""; // written before the first bean

    /**
     * @param factory the factory's class, with a public constructor without arguments
     * @param early whether what is needed is made with the first bean, whatever it is
     * @param needed makes what must be there while the sockets are, and is closed after the last data source;
     *     null where the factory cannot work, and then every driver is left alone
     * @param threads makes the threads on which a pool opens connections while others wait for one
     */
    public DriverSocketFactoryPostProcessor(
            Class<? extends SocketFactory> factory,
            boolean early,
            Callable<@Nullable AutoCloseable> needed,
            ThreadFactory threads) {
        this.factory = factory;
        this.early = early;
        this.needed = needed;
        this.threads = threads;
    }

    @Override
    public void setBeanFactory(BeanFactory factory) {
        beans = factory instanceof ConfigurableBeanFactory configurable ? configurable : null;
    }

    @Override
    public void setBeanName(String name) {
        ownName = name;
    }

    @Override
    public @Nullable Object postProcessBeforeInstantiation(Class<?> type, String name) {
        if (early && !begun) {
            begun = true; // what is needed has beans of its own
            isThere(name);
        }
        return null;
    }

    /** Before the bean is initialized: a pool that fills itself then has the factory in time. */
    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof DataSource) {
            BeanWrapper pool = PropertyAccessorFactory.forBeanPropertyAccess(bean);
            String factoryClass = factoryFor(pool);
            if (factoryClass != null && isThere(name)) {
                setFactory(pool, name, factoryClass);
            }
        }
        return bean;
    }

    private synchronized boolean isThere(String name) {
        try {
            if (held == null) {
                held = needed.call();
            }
            return held != null;
        } catch (Exception e) {
            throw new BeanCreationException(name, "Its driver's socket factory cannot be had", e);
        }
    }

    /** After every data source that has the factory. */
    @Override
    public synchronized void destroy() throws Exception {
        if (held != null) {
            held.close();
            held = null;
        }
    }

    /** The class to name to the pool's driver; null for a driver that is left alone. */
    private @Nullable String factoryFor(BeanWrapper pool) {
        String url = url(pool);
        if (url == null || names(url, SOCKET_FACTORY + "=")) {
            return null;
        }
        if (MYSQL_URLS.stream().anyMatch(url::startsWith)) {
            return names(url, MARIADB_FOR_MYSQL) ? null : mysqlFactory();
        }
        return URLS.stream().anyMatch(url::startsWith) ? factory.getName() : null;
    }

    private @Nullable String mysqlFactory() {
        if (!ClassUtils.isPresent(MYSQL_DRIVER, factory.getClassLoader())) {
            return null;
        }
        MysqlSocketFactory.connectBy(BeanUtils.instantiateClass(factory));
        return MYSQL_FACTORY;
    }

    private void setFactory(BeanWrapper pool, String name, String factoryClass) {
        if (isRunning(pool)) {
            if (!early) {
                LOG.log(
                        Level.INFO,
                        "Data source ''{0}'' was started before netpoll saw it, as new"
                            + " HikariDataSource(config) does: its driver keeps the JDK''s sockets."
                            + " Make it by setters, or set its driver property {1}={2}, or"
                            + " netpoll.outbound=all",
                        name,
                        SOCKET_FACTORY,
                        factoryClass);
            }
        } else if (setFactory(pool, factoryClass)) {
            if (beans != null) {
                beans.registerDependentBean(ownName, name);
            }
            setThreads(pool, name);
            LOG.log(Level.DEBUG, "Data source ''{0}'' connects by {1}", name, factoryClass);
        }
    }

    private static boolean isRunning(BeanWrapper pool) {
        return pool.isReadableProperty(RUNNING)
                && Boolean.TRUE.equals(pool.getPropertyValue(RUNNING));
    }

    private static boolean setFactory(BeanWrapper pool, String factoryClass) {
        for (String property : DRIVER_PROPERTIES) {
            if (pool.isReadableProperty(property)
                    && Properties.class == pool.getPropertyType(property)) {
                return putIfAbsent(pool, property, factoryClass);
            }
        }
        return false;
    }

    /**
     * HikariCP asks its thread for a further connection whenever a caller finds none idle, and be it only
     * to be told that there may be no more. On a platform thread each of those is three futex calls.
     */
    private void setThreads(BeanWrapper pool, String name) {
        if (pool.isWritableProperty(THREAD_FACTORY)
                && ThreadFactory.class == pool.getPropertyType(THREAD_FACTORY)
                && pool.getPropertyValue(THREAD_FACTORY) == null) {
            pool.setPropertyValue(THREAD_FACTORY, named(name + ":pool"));
        }
    }

    private ThreadFactory named(String name) {
        return task -> {
            Thread thread = threads.newThread(task);
            thread.setName(name);
            return thread;
        };
    }

    private static boolean putIfAbsent(BeanWrapper pool, String property, String factoryClass) {
        Properties properties = (Properties) pool.getPropertyValue(property);
        if (properties == null && pool.isWritableProperty(property)) {
            properties = new Properties();
            pool.setPropertyValue(property, properties);
        }
        return properties != null && properties.putIfAbsent(SOCKET_FACTORY, factoryClass) == null;
    }

    private static @Nullable String url(BeanWrapper pool) {
        for (String property : URL_PROPERTIES) {
            if (pool.isReadableProperty(property)
                    && pool.getPropertyValue(property) instanceof String url) {
                return url;
            }
        }
        return null;
    }

    private static boolean names(String url, String property) {
        return url.toLowerCase(Locale.ROOT).contains(property.toLowerCase(Locale.ROOT));
    }
}
