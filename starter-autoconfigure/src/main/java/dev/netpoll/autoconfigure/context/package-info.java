// SPDX-License-Identifier: Apache-2.0
/**
 * Contexts for requests, for what they start and for background work, wired into a Boot application.
 * No module imports it.
 */
@NullMarked
package dev.netpoll.autoconfigure.context;

import org.jspecify.annotations.NullMarked;
