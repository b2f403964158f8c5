// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.actuate;

/** The web server has to run on the engine and cannot: ends the start. */
public final class EngineUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String action;

    /** The description names the property that made it a failure; the action says what to do. */
    public EngineUnavailableException(String description, String action) {
        super(description);
        this.action = action;
    }

    String action() {
        return action;
    }
}
