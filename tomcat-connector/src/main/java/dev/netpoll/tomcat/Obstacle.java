// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

/**
 * A reason why a web server cannot run on the engine.
 *
 * @param reason a clause in words for an operator, without a full stop
 * @param action what to do to have the engine after all: a sentence
 */
public record Obstacle(String reason, String action) {}
