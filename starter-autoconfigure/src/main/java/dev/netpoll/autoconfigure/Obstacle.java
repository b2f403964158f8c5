package dev.netpoll.autoconfigure;

/**
 * What keeps a web server from the engine.
 *
 * @param reason a clause in words for an operator, without a full stop
 * @param action what to do to have the engine after all: a sentence
 */
record Obstacle(String reason, String action) {}
