// SPDX-License-Identifier: Apache-2.0
/** Sockets of Apache's HttpClient 5. */
@NullMarked
package dev.netpoll.context.http.apache;

import org.jspecify.annotations.NullMarked;
