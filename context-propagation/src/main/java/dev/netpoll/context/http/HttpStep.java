// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.http;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/** A part of a call that may block. */
@FunctionalInterface
interface HttpStep<T extends @Nullable Object> {

    T run() throws IOException;
}
