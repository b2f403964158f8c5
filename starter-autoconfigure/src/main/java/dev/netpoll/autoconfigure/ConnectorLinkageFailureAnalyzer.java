// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import dev.netpoll.tomcat.TomcatCompatibility;

import org.apache.catalina.util.ServerInfo;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import java.util.Arrays;

/**
 * A Tomcat that passed {@link TomcatCompatibility} and whose internals still do not fit when the connector
 * binds. Before Boot's own analyzers: what they say of a missing method does not help here.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ConnectorLinkageFailureAnalyzer extends AbstractFailureAnalyzer<LinkageError> {

    private static final String OURS = "dev.netpoll.";

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, LinkageError cause) {
        if (!isOurs(cause)) {
            return null;
        }
        return new FailureAnalysis(
                "The netpoll connector does not fit %s: %s. %s."
                        .formatted(ServerInfo.getServerInfo(), cause, TomcatCompatibility.tested()),
                "Use a Tomcat that netpoll was tested with or a newer netpoll, or set"
                        + " 'netpoll.tomcat.enabled=false' to let Tomcat's NIO connector serve.",
                cause);
    }

    private static boolean isOurs(LinkageError error) {
        return Arrays.stream(error.getStackTrace())
                .anyMatch(frame -> frame.getClassName().startsWith(OURS));
    }
}
