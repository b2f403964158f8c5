package dev.netpoll.autoconfigure;

import org.apache.catalina.util.ServerInfo;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * Whether the Tomcat that is here has what the connector was compiled against.
 *
 * <p>The connector extends Tomcat's internals, and those move between patch releases. A Tomcat the
 * starter was tested with is taken as it is. With any other, every reference of the connector's
 * classes into Tomcat is looked up first, and the connector serves a request on the loopback address:
 * so what does not fit is known before the connector is chosen.
 */
final class TomcatFit {

    /** What the tests run against; see docs/properties.md. */
    static final Set<String> TESTED = Set.of("11.0.24");

    private static final Log LOG = LogFactory.getLog(TomcatFit.class);

    private final String version;
    private final ConnectorLinkage linkage;
    private final ConnectorRehearsal rehearsal;

    TomcatFit(String version, ConnectorLinkage linkage, ConnectorRehearsal rehearsal) {
        this.version = version;
        this.linkage = linkage;
        this.rehearsal = rehearsal;
    }

    static TomcatFit ofClasspath() {
        return new TomcatFit(
                tomcatVersion(),
                new ConnectorLinkage(TomcatFit.class.getClassLoader()),
                new ConnectorRehearsal(EngineSelection.PROTOCOL));
    }

    @Nullable Obstacle obstacle() {
        if (TESTED.contains(version)) {
            return null;
        }
        String tested = "netpoll was tested with Tomcat " + String.join(", ", TESTED);
        String misfit = misfit();
        if (misfit == null) {
            LOG.info(tested + ", and runs on Tomcat " + version + ", which has all it needs");
            return null;
        }
        return new Obstacle(misfit, tested + ": use that, or a newer netpoll.");
    }

    private @Nullable String misfit() {
        String missing = linkage.firstMissing();
        if (missing != null) {
            return "Tomcat " + version + " does not have what the connector needs: " + missing;
        }
        Throwable failure = rehearsal.failure();
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
