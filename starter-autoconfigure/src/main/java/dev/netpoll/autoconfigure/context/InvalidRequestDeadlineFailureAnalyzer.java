// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.web.mvc.InvalidRequestDeadlineException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Names the annotated element, and says what a time looks like. */
final class InvalidRequestDeadlineFailureAnalyzer
        extends AbstractFailureAnalyzer<InvalidRequestDeadlineException> {

    @Override
    protected @Nullable FailureAnalysis analyze(
            Throwable rootFailure, InvalidRequestDeadlineException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Give it a time greater than zero, such as 500ms, 2s or 1m, or a placeholder for"
                        + " one.",
                cause);
    }
}
