// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context.task;

/** A task of a {@link TaskGroup} failed with a checked exception, which is the cause of this one. */
public final class TaskFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TaskFailedException(Throwable cause) {
        super(cause);
    }
}
