// SPDX-License-Identifier: Apache-2.0
/**
 * One endpoint for each way a server is used: short answers, streams both ways, waiting, burning
 * CPU, server-sent events, WebSocket, static files. Plain Spring: nothing here knows of netpoll.
 */
@NullMarked
package dev.netpoll.sample.basics;

import org.jspecify.annotations.NullMarked;
