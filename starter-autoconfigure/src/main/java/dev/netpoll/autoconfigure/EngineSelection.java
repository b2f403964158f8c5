// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.actuate.EngineUnavailableException;
import dev.netpoll.autoconfigure.NetpollProperties.Fallback;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.tomcat.EngineProbe;
import dev.netpoll.tomcat.Obstacle;
import dev.netpoll.tomcat.TomcatCompatibility;

import org.apache.catalina.connector.Connector;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.coyote.ProtocolHandler;
import org.apache.tomcat.util.IntrospectionUtils;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Chooses what each Tomcat runs on, on the starting thread; tells the log, and any thread that asks, why. */
public final class EngineSelection {

    /** By its name: nothing here may link the connector before the probe has found that it fits. */
    private static final Log LOG = LogFactory.getLog(EngineSelection.class);

    private final NetpollProperties properties;
    private final EngineProbe probe;

    /** Why a connector is on NIO. Any thread. */
    private final Map<Connector, String> reasons = new ConcurrentHashMap<>();

    private final AtomicBoolean toldOfCarriers = new AtomicBoolean();

    EngineSelection(NetpollProperties properties, EngineProbe probe) {
        this.properties = properties;
        this.probe = probe;
    }

    /**
     * Chooses for the Tomcat that {@code factory} will make.
     *
     * @throws EngineUnavailableException where the engine cannot be had and the properties insist
     */
    void apply(TomcatServletWebServerFactory factory, ServerRole role) {
        if (!properties.tomcat().enabled()) {
            remember(factory, "netpoll.tomcat.enabled is false");
            return;
        }
        if (!TomcatServletWebServerFactory.DEFAULT_PROTOCOL.equals(factory.getProtocol())) {
            String protocol = factory.getProtocol();
            LOG.info("netpoll leaves %s on the %s it was given".formatted(role, protocol));
            return;
        }
        Obstacle obstacle = probe.obstacle();
        if (obstacle == null) {
            useEngine(factory);
        } else {
            fallBack(factory, role, obstacle);
        }
    }

    /** Holds the engine for outbound sockets, and puts those of the whole JVM on it where that is wanted. */
    @Nullable AutoCloseable holdEngine() throws IOException {
        boolean all = properties.outbound() == NetpollProperties.Outbound.ALL;
        return probe.hold(properties.loops(), properties.carriers(), all);
    }

    /** Why {@code connector} was not put on the engine; null for no reason of ours. */
    public @Nullable String reason(Connector connector) {
        return reasons.get(connector);
    }

    private void useEngine(TomcatServletWebServerFactory factory) {
        checkCarriers();
        factory.setProtocol(TomcatCompatibility.PROTOCOL);
        factory.addProtocolHandlerCustomizers(this::set);
    }

    /** Before the connector customizers: what an application sets in one of those stands. */
    private void set(ProtocolHandler engine) {
        set(engine, "loops", properties.loops());
        set(engine, "carriers", properties.carriers().name().toLowerCase(Locale.ROOT));
        set(engine, "proxyProtocolTrusted", String.join(",", properties.proxyProtocol().trusted()));
        set(engine, "proxyProtocolTimeout", properties.proxyProtocol().timeout().toMillis());
        properties.tomcat().attributes().forEach((name, value) -> set(engine, name, value));
    }

    private static void set(ProtocolHandler engine, String name, Object value) {
        if (!IntrospectionUtils.setProperty(engine, name, value.toString())) {
            throw new IllegalArgumentException(
                    "'netpoll.tomcat.attributes': none is named " + name);
        }
    }

    private void checkCarriers() {
        String obstacle = probe.obstacleToCarrying();
        if (obstacle == null || properties.carriers() == CarrierMode.JDK) {
            return;
        }
        if (properties.carriers() == CarrierMode.LOOP) {
            throw new EngineUnavailableException(
                    "netpoll.carriers is 'loop', and the event loops cannot carry virtual threads: %s."
                            .formatted(obstacle),
                    "Remove that obstacle, or set 'netpoll.carriers=auto' to let the JDK's"
                            + " scheduler carry them meanwhile.");
        }
        if (toldOfCarriers.compareAndSet(false, true)) {
            LOG.warn(
                    """
                    The JDK's scheduler carries netpoll's virtual threads, at the cost of a hand-over for \
                    each request, because %s. 'netpoll.carriers=jdk' silences this line\
                    """
                            .formatted(obstacle));
        }
    }

    private void fallBack(
            TomcatServletWebServerFactory factory, ServerRole role, Obstacle obstacle) {
        if (properties.tomcat().fallback() == Fallback.FAIL) {
            throw new EngineUnavailableException(
                    "netpoll.tomcat.fallback is 'fail', and %s cannot run on the netpoll engine: %s."
                            .formatted(role, obstacle.reason()),
                    obstacle.action()
                            + " Or set 'netpoll.tomcat.fallback=nio' to let Tomcat's NIO connector"
                            + " serve wherever the engine cannot.");
        }
        LOG.warn(
                """
                Tomcat's NIO connector serves %s in place of the netpoll engine: %s. %s \
                'netpoll.tomcat.enabled=false' silences this line\
                """
                        .formatted(role, obstacle.reason(), obstacle.action()));
        remember(factory, obstacle.reason());
    }

    private void remember(TomcatServletWebServerFactory factory, String reason) {
        factory.addConnectorCustomizers(connector -> reasons.put(connector, reason));
    }
}
