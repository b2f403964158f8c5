// SPDX-License-Identifier: Apache-2.0
/**
 * What operators see: the sources of the actuator's {@code netpoll} endpoint, meters, health and
 * traces.
 */
@NullMarked
package dev.netpoll.autoconfigure.actuate;

import org.jspecify.annotations.NullMarked;
