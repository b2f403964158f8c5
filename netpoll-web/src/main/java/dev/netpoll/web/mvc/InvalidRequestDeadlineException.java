// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.web.mvc;

import dev.netpoll.web.RequestDeadline;

import org.jspecify.annotations.Nullable;

/** A {@link RequestDeadline} that says no time: ends the start. */
public final class InvalidRequestDeadlineException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidRequestDeadlineException(String element, String value, @Nullable Throwable cause) {
        super("@RequestDeadline(\"" + value + "\") on " + element + " is no time", cause);
    }
}
