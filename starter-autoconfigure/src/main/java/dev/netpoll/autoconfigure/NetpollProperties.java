package dev.netpoll.autoconfigure;

import dev.netpoll.engine.io.CarrierMode;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code netpoll.*}. What Boot has a property for already is not here: connection, keep-alive and body
 * timeouts, connection limits and header sizes stay {@code server.tomcat.*} and {@code server.*}.
 *
 * <p>Groups with a matter of their own, such as {@code netpoll.deadlines.*}, are records of their own.
 *
 * @param enabled Whether the embedded Tomcat runs on the netpoll engine.
 * @param fallback What happens where the engine cannot run: Tomcat's NIO connector with a warning, or
 *     a failed start.
 * @param loops Number of event loops; 0 for one per processor.
 * @param carriers Who runs the virtual threads of the handlers: the event loops, the JDK's scheduler,
 *     or the loops wherever the JVM allows it.
 */
@ConfigurationProperties("netpoll")
public record NetpollProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("nio") Fallback fallback,
        @DefaultValue("0") int loops,
        @DefaultValue("auto") CarrierMode carriers) {

    private static final int MOST_LOOPS = 1024;

    public NetpollProperties {
        if (loops < 0 || loops > MOST_LOOPS) {
            throw new IllegalArgumentException(
                    "netpoll.loops is from 1 to "
                            + MOST_LOOPS
                            + ", or 0 for one per processor, and not "
                            + loops);
        }
    }

    /** What happens where the engine cannot run. */
    public enum Fallback {
        /** Tomcat's NIO connector serves, and a warning says why. */
        NIO,
        /** The application does not start, and the failure analysis says why. */
        FAIL
    }
}
