// SPDX-License-Identifier: Apache-2.0
/**
 * What an operator sees: the actuator's {@code netpoll} endpoint. Reads the statistics of the engine
 * and of the connectors, and never holds them up.
 */
@NullMarked
package dev.netpoll.actuate;

import org.jspecify.annotations.NullMarked;
