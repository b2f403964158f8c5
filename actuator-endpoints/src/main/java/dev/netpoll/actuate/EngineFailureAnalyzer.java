// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

import dev.netpoll.tomcat.TomcatCompatibility;

import org.apache.catalina.util.ServerInfo;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

import java.util.Arrays;

/**
 * Analyzes a start that failed because the engine is required and cannot run, or because a Tomcat that passed
 * {@link TomcatCompatibility} has internals that do not fit when the connector binds. Before Boot's own
 * analyzers: what they say of a missing method does not help here.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class EngineFailureAnalyzer implements FailureAnalyzer {

    private static final String OURS = "dev.netpoll.";

    @Override
    public @Nullable FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof EngineUnavailableException e) {
                return new FailureAnalysis(e.getMessage(), e.action(), e);
            }
            if (cause instanceof LinkageError e && isOurs(e)) {
                return ofLinkage(e);
            }
        }
        return null;
    }

    private static FailureAnalysis ofLinkage(LinkageError cause) {
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
