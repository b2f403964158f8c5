// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure;

/** The web server has to run on the engine and cannot: ends the start. */
final class EngineUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String action;

    /**
     * @param description what is the matter, naming the property that made it a failure
     * @param action what to do: sentences
     */
    EngineUnavailableException(String description, String action) {
        super(description);
        this.action = action;
    }

    String action() {
        return action;
    }
}
