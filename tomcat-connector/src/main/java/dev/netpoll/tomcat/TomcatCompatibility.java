// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.catalina.util.ServerInfo;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * Checks whether the Tomcat on the class path has what the connector was compiled against.
 *
 * <p>The connector extends Tomcat's internals, and those move between patch releases. A Tomcat the
 * starter was tested with is taken as it is. With any other, every reference of the connector's
 * classes into Tomcat is looked up first, and the connector serves a request on the loopback address:
 * so what does not fit is known before the connector is chosen.
 */
public final class TomcatCompatibility {

    /** The connector's protocol, by name: on a Tomcat that it does not fit, its class cannot be loaded. */
    public static final String PROTOCOL = "dev.netpoll.tomcat.NetpollHttp11Protocol";

    /** What the tests run against; see docs/properties.md. */
    public static final Set<String> TESTED = Set.of("11.0.24");

    private static final Log LOG = LogFactory.getLog(TomcatCompatibility.class);

    private final String version;
    private final ConnectorLinkage linkage;
    private final ConnectorSelfTest selfTest;

    TomcatCompatibility(String version, ConnectorLinkage linkage, ConnectorSelfTest selfTest) {
        this.version = version;
        this.linkage = linkage;
        this.selfTest = selfTest;
    }

    /** Of the Tomcat on the class path. */
    public static TomcatCompatibility ofClasspath() {
        return new TomcatCompatibility(
                tomcatVersion(),
                new ConnectorLinkage(TomcatCompatibility.class.getClassLoader()),
                new ConnectorSelfTest(PROTOCOL));
    }

    /**
     * Returns why the connector cannot run on this Tomcat, or null when it can. A Tomcat that is not among
     * {@link #TESTED} is examined first, for as long as one request takes.
     */
    public @Nullable String problem() {
        if (TESTED.contains(version)) {
            return null;
        }
        String misfit = misfit();
        if (misfit == null) {
            LOG.info(tested() + ", and runs on Tomcat " + version + ", which has all it needs");
            return null;
        }
        return misfit;
    }

    /** Says which versions are tested: a clause for an operator. */
    public static String tested() {
        return "netpoll was tested with Tomcat " + String.join(", ", TESTED);
    }

    private @Nullable String misfit() {
        String missing = linkage.firstMissing();
        if (missing != null) {
            return "Tomcat " + version + " does not have what the connector needs: " + missing;
        }
        Throwable failure = selfTest.failure();
        return failure != null
                ? "the connector does not run on Tomcat " + version + ": " + failure
                : null;
    }

    /** Without the fourth number, which embedded Tomcats leave at 0. */
    private static String tomcatVersion() {
        String number = ServerInfo.getServerNumber();
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
    }
}
