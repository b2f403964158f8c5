// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import dev.netpoll.engine.internal.poll.PollDesc;

/** The result of a wait on a {@link PollDesc}. */
public enum PollResult {
    /** Try the system call again. */
    READY,
    /** The slot's deadline has passed. */
    DEADLINE_EXCEEDED,
    /** The descriptor is being closed. */
    CLOSING,
    /** The waiting thread was interrupted; its interrupt status is still set. */
    INTERRUPTED
}
