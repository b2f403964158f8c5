package dev.netpoll.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is the matter, which property made it a failure, and what to do. */
final class EngineUnavailableFailureAnalyzer
        extends AbstractFailureAnalyzer<EngineUnavailableException> {

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, EngineUnavailableException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
