// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Analyzes a start that failed because the engine is required and cannot run. */
final class EngineUnavailableFailureAnalyzer
        extends AbstractFailureAnalyzer<EngineUnavailableException> {

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, EngineUnavailableException cause) {
        return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
    }
}
